package source

import "strings"

// isResourceID tells ids that name a resource by their form alone: a known prefix, "-", and 8 or 17 lower-case hex
// digits, as EC2, VPC, EFS and their neighbours make them ("i-0abc1234", "vpc-0123456789abcdef0").
func isResourceID(value []byte) bool {
	n := len(value)
	if n < len("i-01234567") || n > len("tgw-attach-")+17+8 {
		return false
	}
	for _, digits := range [...]int{17, 8} {
		if at := n - digits - 1; at > 0 && value[at] == '-' {
			return isIDPrefix(value[:at]) && isHex(value[at+1:])
		}
	}
	return false
}

// isIDPrefix tells the prefixes of ids (EC2 user guide, "Resource IDs", and the API references of VPC, EFS and Systems
// Manager).
func isIDPrefix(s []byte) bool {
	switch string(s) {
	case "i", "r", "h", "mi", "ami", "aki", "ari", "vol", "snap", "bun", "key", "lt", "pg", "fleet", "sir", "cr", "eri",
		"import-ami", "import-snap", "import-i", "export-i", "export-ami",
		"sg", "sgr", "vpc", "subnet", "eni", "eni-attach", "rtb", "rtbassoc", "igw", "eigw", "nat", "natgateway",
		"acl", "aclassoc", "dopt", "pcx", "fl", "pl", "eipalloc", "eipassoc", "cidr", "vpc-cidr-assoc",
		"subnet-cidr-assoc", "vpce", "vpce-svc", "vpce-svc-perm", "vgw", "cgw", "vpn", "cvpn-endpoint", "cvpn-assoc",
		"tgw", "tgw-attach", "tgw-rtb", "tgw-mcast-domain", "tgw-connect-peer", "lgw", "lgw-rtb", "lgw-vif", "cagw",
		"ipam", "ipam-pool", "ipam-scope", "ipam-res-disco", "nis", "nia", "vai", "vatp", "vagr", "eice", "rslvr-in", "rslvr-out",
		"fs", "fsap", "fsmt", "fsvol", "svm", "backup", "mw", "sc", "d", "ws", "oi":
		return true
	}
	return false
}

// anyService stands for every service in resourceNames.
const anyService = ""

// resourceNames say which keys of requests and responses hold the name or id of a resource, by the services where they
// do, blank-separated (from the API references). Keys are as CloudTrail writes them: the API's parameter with a small
// first letter. ARNs need no row, they are known by their form.
var resourceNames = map[string]string{
	// Identity.
	"userName":                 "iam identitystore sso signin",
	"roleName":                 "iam sso",
	"groupName":                "iam ec2 xray resource-groups",
	"policyName":               "iam autoscaling iot",
	"policyArn":                anyService,
	"instanceProfileName":      "iam",
	"serverCertificateName":    "iam",
	"accessKeyId":              "iam",
	"serialNumber":             "iam",
	"accountAlias":             "iam",
	"sAMLProviderArn":          "iam",
	"openIDConnectProviderArn": "iam",
	"permissionSetArn":         "sso",
	"policyId":                 "organizations",
	"accountId":                "organizations",
	"organizationalUnitId":     "organizations",
	"userPoolId":               "cognito-idp",
	"identityPoolId":           "cognito-identity",
	"trustAnchorId":            "rolesanywhere",
	"analyzerName":             "access-analyzer",
	// Keys and secrets.
	"keyId":       "kms",
	"targetKeyId": "kms",
	"aliasName":   "kms",
	"secretId":    "secretsmanager",
	// Storage.
	"bucketName":         anyService,
	"fileSystemId":       anyService,
	"backupVaultName":    "backup",
	"backupPlanId":       "backup",
	"repositoryName":     "ecr codecommit codeartifact",
	"queueUrl":           "sqs",
	"queueName":          "sqs",
	"topicArn":           anyService,
	"streamName":         "kinesis kinesisvideo",
	"deliveryStreamName": "firehose",
	// Databases.
	"tableName":                     "dynamodb cassandra glue timestream",
	"dBInstanceIdentifier":          "rds neptune docdb",
	"dBClusterIdentifier":           "rds neptune docdb",
	"dBSnapshotIdentifier":          "rds neptune docdb",
	"dBClusterSnapshotIdentifier":   "rds neptune docdb",
	"dBParameterGroupName":          "rds neptune docdb",
	"dBSubnetGroupName":             "rds neptune docdb",
	"clusterIdentifier":             "redshift",
	"snapshotIdentifier":            "redshift",
	"cacheClusterId":                "elasticache",
	"replicationGroupId":            "elasticache",
	"databaseName":                  "glue timestream athena redshift-data",
	"crawlerName":                   "glue",
	"jobName":                       "glue batch transcribe",
	"workGroup":                     "athena",
	"replicationInstanceIdentifier": "dms",
	// Compute.
	"functionName":            "lambda",
	"layerName":               "lambda",
	"cluster":                 "ecs",
	"service":                 "ecs",
	"serviceName":             "ecs apprunner",
	"taskDefinition":          "ecs",
	"family":                  "ecs",
	"clusterName":             "ecs eks kafka memorydb",
	"nodegroupName":           "eks",
	"addonName":               "eks",
	"jobFlowId":               "elasticmapreduce",
	"clusterId":               "elasticmapreduce cloudhsm",
	"keyName":                 "ec2 lightsail",
	"launchTemplateName":      "ec2",
	"autoScalingGroupName":    "autoscaling",
	"launchConfigurationName": "autoscaling",
	"instanceName":            "lightsail",
	"applicationName":         "elasticbeanstalk codedeploy",
	"environmentName":         "elasticbeanstalk",
	"jobQueue":                "batch",
	"jobDefinition":           "batch",
	"notebookInstanceName":    "sagemaker",
	"endpointName":            "sagemaker",
	"trainingJobName":         "sagemaker",
	"modelName":               "sagemaker",
	"domainId":                "sagemaker",
	"modelId":                 "bedrock",
	"guardrailIdentifier":     "bedrock",
	// Delivery.
	"stackName":        "cloudformation",
	"stackSetName":     "cloudformation",
	"changeSetName":    "cloudformation",
	"projectName":      "codebuild",
	"pipelineName":     "codepipeline",
	"stateMachineName": "states",
	// Network.
	"loadBalancerName": "elasticloadbalancing",
	"targetGroupName":  "elasticloadbalancing",
	"hostedZoneId":     "route53",
	"domainName":       "es route53domains acm apigateway opensearch",
	"distributionId":   "cloudfront",
	"restApiId":        "apigateway",
	"apiId":            "apigateway appsync",
	"webACLId":         "waf waf-regional",
	"firewallName":     "network-firewall",
	"serverId":         "transfer",
	"brokerName":       "amazonmq mq",
	// Watching and logging.
	"logGroupName":              "logs",
	"logGroupIdentifier":        "logs",
	"logStreamName":             "logs",
	"trailName":                 "cloudtrail",
	"eventDataStore":            "cloudtrail",
	"s3BucketName":              anyService,
	"detectorId":                "guardduty",
	"configRuleName":            "config",
	"configurationRecorderName": "config",
	"deliveryChannelName":       "config",
	"alarmName":                 "monitoring",
	"dashboardName":             "monitoring",
	"rule":                      "events",
	"eventBusName":              "events",
	"documentName":              "ssm",
	"maintenanceWindowId":       "ssm",
	// "name" means the thing itself only where the API has one kind of thing, or nearly so.
	"name": "cloudtrail ssm eks events secretsmanager sns states codepipeline codebuild ecr scheduler kafka " +
		"glue elasticloadbalancing wafv2 route53 organizations cloudwatch athena appsync apigateway sagemaker",
	"names": "ssm elasticloadbalancing",
}

// keyHints has for the first byte of each key of resourceNames the set of their lengths: most keys that are not in the
// table are told by one look (3 ns instead of 25).
var keyHints = func() (hints [256]uint64) {
	for key := range resourceNames {
		hints[key[0]] |= 1 << len(key)
	}
	return hints
}()

// isResourceName tells whether the text at key, anywhere in a request or response of service (an eventSource or what
// Event.Service gives), names a resource.
func isResourceName(service, key []byte) bool {
	if len(key) == 0 || keyHints[key[0]]&(1<<len(key)) == 0 {
		return false
	}
	services, ok := resourceNames[string(key)]
	if !ok {
		return false
	}
	return services == anyService || hasWord(services, serviceOf(service))
}

// hasWord tells whether word is one of the blank-separated words.
func hasWord(words string, word []byte) bool {
	for n := len(word); n > 0 && len(words) >= n; {
		if words[:n] == string(word) && (len(words) == n || words[n] == ' ') {
			return true
		}
		at := strings.IndexByte(words, ' ')
		if at < 0 {
			return false
		}
		words = words[at+1:]
	}
	return false
}
