package demo

import (
	"strconv"
	"strings"
)

func computeServices() []service {
	return []service{ec2Service(), lambdaService(), ecsService(), {
		prefix: "autoscaling", version: "1.08", calls: []call{
			{name: "DescribeAutoScalingGroups", who: "a14 m20 h8 b4", request: `{"autoScalingGroupNames":["<word>-asg"],"maxRecords":100}`},
			{name: "DescribeScalingActivities", who: "h5 m3", request: `{"autoScalingGroupName":"<word>-asg"}`},
			{name: "SetDesiredCapacity", who: "a3", request: `{"autoScalingGroupName":"<word>-asg","desiredCapacity":<num:2-20>,"honorCooldown":false}`},
			{name: "CompleteLifecycleAction", who: "a6", request: `{"lifecycleHookName":"drain","autoScalingGroupName":"<word>-asg","lifecycleActionResult":"CONTINUE","instanceId":"<i>"}`},
		},
	}, {
		prefix: "elasticloadbalancing", version: "1.10", calls: []call{
			{name: "DescribeTargetHealth", who: "a50 m12 h5", request: `{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<acct>:targetgroup/<word>/<tgid>"}`},
			{name: "DescribeLoadBalancers", who: "m16 h8 b5 a5", request: `{"pageSize":400}`},
			{name: "DescribeTargetGroups", who: "m10 h5 b5", request: `{"loadBalancerArn":"arn:aws:elasticloadbalancing:<region>:<acct>:loadbalancer/app/<word>/<lbid>"}`},
			{name: "DescribeListeners", who: "m10 b5 h4", request: `{"loadBalancerArn":"arn:aws:elasticloadbalancing:<region>:<acct>:loadbalancer/app/<word>/<lbid>"}`},
			{name: "RegisterTargets", who: "a14", request: `{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<acct>:targetgroup/<word>/<tgid>","targets":[{"id":"<i>","port":8080}]}`},
			{name: "DeregisterTargets", who: "a14", request: `{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<acct>:targetgroup/<word>/<tgid>","targets":[{"id":"<i>","port":8080}]}`},
		},
	}, {
		prefix: "eks", version: "1.08", calls: []call{
			{name: "DescribeCluster", who: "a10 h8 m6 b6", request: `{"name":"<cluster>"}`},
			{name: "ListClusters", who: "h4 m5", request: `{"maxResults":100}`},
			{name: "AccessKubernetesApi", who: "h4", kind: readWithout},
			{name: "UpdateNodegroupVersion", who: "b1", request: `{"name":"<cluster>","nodegroupName":"<word>-nodes","clientRequestToken":"<uuid>"}`, response: `{"update":{"id":"<uuid>","status":"InProgress","type":"VersionUpdate","createdAt":<epoch>}}`},
		},
	}}
}

func ec2Service() service {
	instance := `{"instancesSet":{"items":[{"instanceId":"<i>"}]},"filterSet":{}}`
	filter := `{"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"<vpc>"}]}}]}}`
	return service{
		prefix: "ec2", version: "1.10",
		faults: [numFaults]fault{
			faultThrottled: {"Client.RequestLimitExceeded", "Request limit exceeded."},
			faultMissing:   {"Client.InvalidInstanceID.NotFound", "The instance ID '<i>' does not exist"},
			faultDenied:    {"Client.UnauthorizedOperation", "You are not authorized to perform this operation. User: <arn> is not authorized to perform: <action> because no identity-based policy allows the <action> action. Encoded authorization failure message: <b64:300-420>"},
			faultInvalid:   {"Client.InvalidParameterValue", "Value (<word>) for parameter groupId is invalid. The value cannot be empty"},
		},
		calls: []call{
			{name: "DescribeInstances", who: "a60 h30 m40 b10", request: instance},
			{name: "DescribeInstances", who: "a20 h20 m20", request: `{"maxResults":1000,"instancesSet":{},"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"},{"value":"pending"}]}},{"name":"tag:service","valueSet":{"items":[{"value":"<word>"}]}}]}}`},
			{name: "DescribeInstanceStatus", who: "a10 h12 m20", request: `{"instancesSet":{"items":[{"instanceId":"<i>"},{"instanceId":"<i!>"},{"instanceId":"<i!>"}]},"filterSet":{},"includeAllInstances":true}`},
			{name: "DescribeSecurityGroups", who: "h20 m24 b18", request: `{"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"<sg>"}]},"filterSet":{}}`, missing: fault{"Client.InvalidGroup.NotFound", "The security group '<sg>' does not exist"}},
			{name: "DescribeSubnets", who: "h14 m10 b14 a6", request: `{"subnetSet":{"items":[{"subnetId":"<subnet>"}]},"filterSet":{}}`},
			{name: "DescribeVpcs", who: "h14 m10 b14", request: `{"vpcSet":{"items":[{"vpcId":"<vpc>"}]},"filterSet":{}}`},
			{name: "DescribeRouteTables", who: "h8 m8 b18", request: `{"routeTableIdSet":{"items":[{"routeTableId":"<rtb>"}]},"filterSet":{}}`, missing: fault{"Client.InvalidRouteTableID.NotFound", "The routeTable ID '<rtb>' does not exist"}},
			{name: "DescribeNetworkInterfaces", who: "a14 h10 m14 b6", request: `{"networkInterfaceIdSet":{"items":[{"networkInterfaceId":"<eni>"}]},"filterSet":{}}`, missing: fault{"Client.InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '<eni>' does not exist"}},
			{name: "DescribeVolumes", who: "a8 h8 m16", request: `{"volumeSet":{"items":[{"volumeId":"<vol>"}]},"filterSet":{}}`},
			{name: "DescribeSnapshots", who: "h6 m10", request: `{"snapshotSet":{"items":[{"snapshotId":"<snap>"}]},"ownersSet":{"items":[{"owner":"self"}]},"sharedUsersSet":{},"filterSet":{}}`},
			{name: "DescribeImages", who: "h10 m6 b6", request: `{"executableBySet":{},"imagesSet":{"items":[{"imageId":"<ami>"}]},"ownersSet":{},"filterSet":{}}`},
			{name: "DescribeTags", who: "a10 h8 m8", request: `{"filterSet":{"items":[{"name":"resource-id","valueSet":{"items":[{"value":"<i>"}]}}]}}`},
			{name: "DescribeAvailabilityZones", who: "h6 b6 a3", request: `{"availabilityZoneSet":{},"availabilityZoneIdSet":{}}`},
			{name: "DescribeAccountAttributes", who: "h8 b6", request: `{"accountAttributeNameSet":{"items":[{"attributeName":"supported-platforms"}]},"filterSet":{}}`},
			{name: "DescribeAddresses", who: "h6 m8", request: `{"publicIpsSet":{},"filterSet":{},"allocationIdsSet":{"items":[{"allocationId":"<eip>"}]}}`},
			{name: "DescribeInternetGateways", who: "h5 m4 b5", request: filter},
			{name: "DescribeNatGateways", who: "h5 m4 b7", request: filter},
			{name: "DescribeNetworkAcls", who: "h5 m6 b4", request: filter},
			{name: "DescribeVpcEndpoints", who: "h5 m6 b4", request: filter},
			{name: "DescribeVpcAttribute", who: "b14 m3", request: `{"vpcId":"<vpc>","attribute":"enableDnsSupport"}`},
			{name: "DescribeInstanceAttribute", who: "b6 h3 m4", request: `{"instanceId":"<i>","attribute":"userData"}`},
			{name: "DescribeInstanceTypes", who: "h6 a4", request: `{"maxResults":100,"instanceTypeSet":{"items":[{"instanceType":"<itype>"}]},"filterSet":{}}`},
			{name: "DescribeLaunchTemplateVersions", who: "a4 b5", request: `{"DescribeLaunchTemplateVersionsRequest":{"LaunchTemplateId":"lt-<hex:17>","LaunchTemplateVersion":{"tag":1,"content":"$Latest"}}}`},
			{name: "DescribeKeyPairs", who: "h4", request: `{"filterSet":{},"keySet":{}}`},
			{name: "DescribeFlowLogs", who: "m6 h1", request: filter},
			{name: "DescribeTransitGateways", who: "h2 m3", request: `{"DescribeTransitGatewaysRequest":{}}`},
			{name: "RunInstances", who: "a3 h1", request: `{"instancesSet":{"items":[{"imageId":"<ami>","minCount":1,"maxCount":1}]},"instanceType":"<itype>","blockDeviceMapping":{},"monitoring":{"enabled":false},"subnetId":"<subnet>","disableApiTermination":false,"clientToken":"<uuid>","iamInstanceProfile":{"name":"<role>"},"tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"Name","value":"<word>"},{"key":"owner","value":"<odd>"}]}]}}`, response: runInstancesResponse(1)},
			{name: "RunInstances", who: "a4", request: `{"instancesSet":{"items":[{"imageId":"<ami>","minCount":4,"maxCount":4}]},"instanceType":"<itype>","blockDeviceMapping":{},"monitoring":{"enabled":true},"subnetId":"<subnet>","clientToken":"fleet-<uuid>"}`, response: runInstancesResponse(4)},
			{name: "TerminateInstances", who: "a4 h1", request: `{"instancesSet":{"items":[{"instanceId":"<i>"}]}}`, response: `{"requestId":"<reqid>","instancesSet":{"items":[{"instanceId":"<i>","currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}}]}}`},
			{name: "StartInstances", who: "a3 h3", request: `{"instancesSet":{"items":[{"instanceId":"<i>"}]}}`, response: `{"requestId":"<reqid>","instancesSet":{"items":[{"instanceId":"<i>","currentState":{"code":0,"name":"pending"},"previousState":{"code":80,"name":"stopped"}}]}}`},
			{name: "CreateTags", who: "a14 b10 h2", request: `{"resourcesSet":{"items":[{"resourceId":"<i>"}]},"tagSet":{"items":[{"key":"service","value":"<word>"},{"key":"owner","value":"<odd>"}]}}`, response: `{"requestId":"<reqid>","_return":true}`},
			{name: "CreateNetworkInterface", who: "a10", request: `{"subnetId":"<subnet>","groupSet":{"items":[{"groupId":"<sg>"}]},"description":"aws-K8S-<i>","clientToken":"<uuid>"}`, response: `{"requestId":"<reqid>","networkInterface":{"networkInterfaceId":"<eni>","subnetId":"<subnet>","vpcId":"<vpc>","availabilityZone":"<region>a","ownerId":"<acct>","status":"pending","macAddress":"0a:<num:10-99>:<num:10-99>:<num:10-99>:<num:10-99>:<num:10-99>","privateIpAddress":"10.20.<num:0-3>.<num:10-250>","sourceDestCheck":true,"groupSet":{"items":[{"groupId":"<sg>"}]}}}`},
			{name: "DeleteNetworkInterface", who: "a10", request: `{"networkInterfaceId":"<eni>"}`, response: `{"requestId":"<reqid>","_return":true}`},
			{name: "CreateSnapshot", who: "a8", request: `{"volumeId":"<vol>","description":"nightly <word>"}`, response: `{"requestId":"<reqid>","snapshotId":"<snap>","volumeId":"<vol>","status":"pending","startTime":<epoch>,"ownerId":"<acct>","volumeSize":"<num:8-500>","encrypted":true}`},
			{name: "AuthorizeSecurityGroupIngress", who: "b5 h2", request: `{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.20.0.0/16","description":"<word>"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}`, response: `{"requestId":"<reqid>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<acct>","groupId":"<sg>","securityGroupRuleId":"sgr-<hex:17>","isEgress":false,"ipProtocol":"tcp","fromPort":443,"toPort":443,"cidrIpv4":"10.20.0.0/16"}]}}`},
			{name: "RevokeSecurityGroupIngress", who: "b2 h1", request: `{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipRanges":{"items":[{"cidrIp":"10.20.0.0/16"}]}}]}}`, response: `{"requestId":"<reqid>","_return":true}`},
			{name: "ModifyInstanceAttribute", who: "h1 b1", request: `{"instanceId":"<i>","disableApiTermination":{"value":true}}`, response: `{"requestId":"<reqid>","_return":true}`},
			{name: "SharedSnapshotVolumeCreated", who: "s2", kind: serviceEvent, by: "ec2.amazonaws.com", request: `{"snapshotId":"<snap>"}`},
		},
	}
}

// runInstancesResponse names n machines: the largest records of the trail, 2 to 8 KB.
func runInstancesResponse(n int) string {
	machines := make([]string, n)
	for i := range machines {
		machines[i] = `{"instanceId":"i-<hex:17>","imageId":"<ami>","instanceState":{"code":0,"name":"pending"},"privateDnsName":"ip-10-20-<num:0-3>-<num:10-250>.<region>.compute.internal","amiLaunchIndex":` +
			strconv.Itoa(i) + `,"productCodes":{},"instanceType":"<itype>","launchTime":<epoch>,"placement":{"availabilityZone":"<region>b","tenancy":"default"},"monitoring":{"state":"disabled"},"subnetId":"<subnet>","vpcId":"<vpc>","privateIpAddress":"10.20.<num:0-3>.<num:10-250>","stateReason":{"code":"pending","message":"pending"},"architecture":"x86_64","rootDeviceType":"ebs","rootDeviceName":"/dev/xvda","virtualizationType":"hvm","hypervisor":"xen","groupSet":{"items":[{"groupId":"<sg>","groupName":"<word>-nodes"}]},"networkInterfaceSet":{"items":[{"networkInterfaceId":"eni-<hex:17>","subnetId":"<subnet>","vpcId":"<vpc>","ownerId":"<acct>","status":"in-use","sourceDestCheck":true}]},"ebsOptimized":false,"enaSupport":true}`
	}
	return `{"requestId":"<reqid>","reservationId":"r-<hex:17>","ownerId":"<acct>","groupSet":{},"instancesSet":{"items":[` +
		strings.Join(machines, ",") + `]}}`
}

func lambdaService() service {
	arn := `"arn:aws:lambda:<region>:<acct>:function:<func>"`
	res := `{"accountId":"<acct>","type":"AWS::Lambda::Function","ARN":` + arn + `}`
	return service{
		prefix: "lambda", version: "1.10",
		faults: [numFaults]fault{
			faultThrottled: {"TooManyRequestsException", "Rate Exceeded."},
			faultMissing:   {"ResourceNotFoundException", "Function not found: arn:aws:lambda:<region>:<acct>:function:<func>"},
			faultDenied:    {"AccessDenied", "User: <arn> is not authorized to perform: <action> on resource: arn:aws:lambda:<region>:<acct>:function:<func> because no identity-based policy allows the <action> action"},
		},
		calls: []call{
			{name: "Invoke", who: "a50", kind: dataEvent, request: `{"functionName":` + arn + `,"invocationType":"RequestResponse"}`, extra: `{"functionVersion":"arn:aws:lambda:<region>:<acct>:function:<func>:$LATEST"}`, resources: res},
			{name: "GetFunction20150331v2", who: "b20 m16 h10", request: `{"functionName":"<func>"}`},
			{name: "GetFunctionConfiguration20150331v2", who: "b10 m10 h5", request: `{"functionName":` + arn + `}`},
			{name: "ListFunctions20150331", who: "h10 m14", request: `{"maxItems":50}`},
			{name: "ListTags20170331", who: "m10 b5", request: `{"resource":` + arn + `}`},
			{name: "ListVersionsByFunction20150331", who: "b8 m4", request: `{"functionName":"<func>","maxItems":50}`},
			{name: "GetPolicy20150331v2", who: "b6 m10", request: `{"functionName":"<func>"}`, missing: fault{"ResourceNotFoundException", "The resource you requested does not exist."}},
			{name: "ListEventSourceMappings20150331", who: "m6 h2", request: `{"functionName":"<func>"}`},
			{name: "UpdateFunctionCode20150331v2", who: "b10", request: `{"functionName":"<func>","s3Bucket":"<bucket>","s3Key":"<func>/<hex:40>.zip","publish":false,"dryRun":false}`, response: `{"functionName":"<func>","functionArn":` + arn + `,"runtime":"python3.12","role":"arn:aws:iam::<acct>:role/service-role/<func>-role","handler":"app.handler","codeSize":<num:1000-9000000>,"description":"","timeout":30,"memorySize":512,"lastModified":"<time>","codeSha256":"<b64:43>=","version":"$LATEST","tracingConfig":{"mode":"PassThrough"},"revisionId":"<uuid>","state":"Active","lastUpdateStatus":"InProgress","packageType":"Zip","architectures":["arm64"]}`},
			{name: "UpdateFunctionConfiguration20150331v2", who: "b3", request: `{"functionName":"<func>","timeout":30,"memorySize":512,"environment":{}}`, response: `{"functionName":"<func>","functionArn":` + arn + `,"runtime":"python3.12","timeout":30,"memorySize":512,"lastModified":"<time>","version":"$LATEST","revisionId":"<uuid>","state":"Active"}`},
			{name: "AddPermission20150331v2", who: "b2", request: `{"functionName":"<func>","statementId":"allow-<word>","action":"lambda:InvokeFunction","principal":"events.amazonaws.com","sourceArn":"arn:aws:events:<region>:<acct>:rule/<rule>"}`, response: `{"statement":"{\"Sid\":\"allow-<word>\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"events.amazonaws.com\"},\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"arn:aws:lambda:<region>:<acct>:function:<func>\"}"}`},
		},
	}
}

func ecsService() service {
	return service{
		prefix: "ecs", version: "1.08",
		faults: [numFaults]fault{faultMissing: {"ClusterNotFoundException", "Cluster not found."}},
		calls: []call{
			{name: "DescribeTasks", who: "a30 m8 h5 b10", request: `{"cluster":"<cluster>","tasks":["arn:aws:ecs:<region>:<acct>:task/<cluster>/<hex:32>"]}`},
			{name: "DescribeServices", who: "a16 b16 m10 h6", request: `{"cluster":"<cluster>","services":["<word>"]}`},
			{name: "ListTasks", who: "a10 m4 h5", request: `{"cluster":"<cluster>","serviceName":"<word>","desiredStatus":"RUNNING"}`},
			{name: "DescribeTaskDefinition", who: "b12 m6 h3", request: `{"taskDefinition":"<word>:<num:10-400>"}`},
			{name: "RegisterTaskDefinition", who: "b6", request: `{"family":"<word>","taskRoleArn":"arn:aws:iam::<acct>:role/<word>-task","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"512","memory":"1024","containerDefinitions":[{"name":"<word>","image":"<acct>.dkr.ecr.<region>.amazonaws.com/<repo>:<hex:7>","essential":true,"portMappings":[{"containerPort":8080}],"environment":[]}]}`, response: `{"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:<region>:<acct>:task-definition/<word>:<num:10-400>","family":"<word>","status":"ACTIVE","registeredAt":"<american>"}}`},
			{name: "UpdateService", who: "b6 a2", request: `{"cluster":"<cluster>","service":"<word>","taskDefinition":"<word>:<num:10-400>","forceNewDeployment":true}`, response: `{"service":{"serviceArn":"arn:aws:ecs:<region>:<acct>:service/<cluster>/<word>","serviceName":"<word>","status":"ACTIVE","desiredCount":<num:2-12>,"runningCount":<num:2-12>}}`},
			{name: "RunTask", who: "a8", request: `{"cluster":"<cluster>","taskDefinition":"<word>","launchType":"FARGATE","count":1,"startedBy":"schedule"}`, response: `{"tasks":[{"taskArn":"arn:aws:ecs:<region>:<acct>:task/<cluster>/<hex:32>","clusterArn":"arn:aws:ecs:<region>:<acct>:cluster/<cluster>","lastStatus":"PROVISIONING","desiredStatus":"RUNNING","cpu":"512","memory":"1024","startedBy":"schedule"}],"failures":[]}`},
		},
	}
}
