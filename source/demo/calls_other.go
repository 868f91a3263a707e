package demo

// otherServices are the long tail: names matter, requests are simple.
func otherServices() []service {
	list := append([]service{cloudTrailService(), cloudWatchService(), logsService(), messagingService("sqs"), messagingService("sns")}, deliveryServices()...)
	for _, t := range longTail {
		list = append(list, service{prefix: t.prefix, version: t.version, global: isGlobal(t.prefix), calls: rows(t.who, t.request, t.names)})
	}
	return list
}

// isGlobal says which services of the long tail record in us-east-1 alone.
func isGlobal(prefix string) bool {
	switch prefix {
	case "route53", "cloudfront", "health", "ce", "budgets", "support":
		return true
	}
	return false
}

func cloudTrailService() service {
	return service{
		prefix: "cloudtrail", version: "1.09",
		faults: [numFaults]fault{faultMissing: {"TrailNotFoundException", "Unknown trail: arn:aws:cloudtrail:<region>:<acct>:trail/management-events for the user: <acct>"}},
		calls: []call{
			{name: "LookupEvents", who: "h8 m4", request: `{"maxResults":50,"startTime":"<american>","lookupAttributes":[{"attributeKey":"ReadOnly","attributeValue":"false"}]}`},
			{name: "DescribeTrails", who: "m14 h3 b4", request: `{"includeShadowTrails":false,"trailNameList":[]}`},
			{name: "GetTrailStatus", who: "m14 h2", request: `{"name":"arn:aws:cloudtrail:us-east-1:<acct>:trail/<acct>-trail"}`},
			{name: "GetEventSelectors", who: "m8", request: `{"trailName":"arn:aws:cloudtrail:us-east-1:<acct>:trail/<acct>-trail"}`},
			{name: "ListTrails", who: "m3"},
			{name: "GetInsightSelectors", who: "m3", request: `{"trailName":"<acct>-trail"}`},
		},
	}
}

func cloudWatchService() service {
	return service{
		prefix: "monitoring", version: "1.08",
		calls: []call{
			{name: "DescribeAlarms", who: "m30 h14 b6", request: `{"alarmNames":["<alarm>"],"maxRecords":100}`},
			{name: "GetMetricData", who: "m60 h12", kind: dataEvent, request: `{"metricDataQueries":[{"id":"m1","metricStat":{"metric":{"namespace":"AWS/SQS","metricName":"ApproximateAgeOfOldestMessage","dimensions":[{"name":"QueueName","value":"<queue>"}]},"period":60,"stat":"Maximum"},"returnData":true}],"startTime":"<american>","endTime":"<american>"}`},
			{name: "ListMetrics", who: "m16 h3", request: `{"namespace":"AWS/Lambda"}`},
			{name: "GetDashboard", who: "h5", request: `{"dashboardName":"<word>"}`},
			{name: "DescribeAnomalyDetectors", who: "m2"},
			{name: "PutMetricAlarm", who: "b4", request: `{"alarmName":"<alarm>","actionsEnabled":true,"metricName":"Errors","namespace":"AWS/Lambda","statistic":"Sum","period":60,"evaluationPeriods":3,"threshold":<num:1-50>.0,"comparisonOperator":"GreaterThanThreshold"}`},
		},
	}
}

func logsService() service {
	group := `{"logGroupName":"<log>"}`
	return service{
		prefix: "logs", version: "1.08",
		calls: []call{
			{name: "CreateLogStream", who: "a74", request: `{"logGroupName":"<log>","logStreamName":"<slashday>/[$LATEST]<hex:32>"}`, missing: fault{"ResourceNotFoundException", "The specified log group does not exist."}},
			{name: "DescribeLogGroups", who: "h10 m10 b12 a6", request: `{"logGroupNamePrefix":"<log>"}`},
			{name: "DescribeLogStreams", who: "h8 a6", request: `{"logGroupName":"<log>","orderBy":"LastEventTime","descending":true,"limit":50}`},
			{name: "FilterLogEvents", who: "h8", kind: dataEvent, request: `{"logGroupName":"<log>","filterPattern":"ERROR","startTime":<epoch>,"interleaved":true}`},
			{name: "StartQuery", who: "h5", kind: readWithout, request: `{"logGroupNames":["<log>"],"startTime":<epoch>,"endTime":<epoch>,"queryString":"fields @timestamp, @message | sort @timestamp desc | limit 200"}`, response: `{"queryId":"<uuid>"}`},
			{name: "GetQueryResults", who: "h10", request: `{"queryId":"<uuid>"}`},
			{name: "ListTagsForResource", who: "b8", request: `{"resourceArn":"arn:aws:logs:<region>:<acct>:log-group:<log>"}`},
			{name: "DescribeMetricFilters", who: "m6", request: group},
			{name: "DescribeSubscriptionFilters", who: "m6 b3", request: group},
			{name: "PutRetentionPolicy", who: "b3", request: `{"logGroupName":"<log>","retentionInDays":30}`},
			{name: "CreateLogGroup", who: "b2 a1", request: group, missing: fault{"ResourceAlreadyExistsException", "The specified log group already exists"}},
		},
	}
}

// messagingService is SQS or SNS.
func messagingService(prefix string) service {
	if prefix == "sns" {
		topic := `{"topicArn":"arn:aws:sns:<region>:<acct>:<topic>"}`
		return service{
			prefix: prefix, version: "1.08",
			faults: [numFaults]fault{faultMissing: {"NotFoundException", "Topic does not exist"}, faultDenied: {"AuthorizationErrorException", "User: <arn> is not authorized to perform: <action> on resource: arn:aws:sns:<region>:<acct>:<topic>"}},
			calls: []call{
				{name: "GetTopicAttributes", who: "b12 m10 h3", request: topic},
				{name: "ListTopics", who: "h3 m4"},
				{name: "ListSubscriptionsByTopic", who: "m6 h2", request: topic},
				{name: "Publish", who: "a20", kind: dataEvent, request: `{"topicArn":"arn:aws:sns:<region>:<acct>:<topic>","message":"HIDDEN_DUE_TO_SECURITY_REASONS"}`, response: `{"messageId":"<uuid>"}`},
			},
		}
	}
	queue := `{"queueUrl":"https://sqs.<region>.amazonaws.com/<acct>/<queue>"}`
	return service{
		prefix: prefix, version: "1.09",
		faults: [numFaults]fault{faultMissing: {"AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist for this wsdl version."}},
		calls: []call{
			{name: "GetQueueAttributes", who: "a24 b10 m12", request: `{"queueUrl":"https://sqs.<region>.amazonaws.com/<acct>/<queue>","attributeNames":["ApproximateNumberOfMessages"]}`},
			{name: "GetQueueUrl", who: "a12", request: `{"queueName":"<queue>"}`},
			{name: "ListQueues", who: "h4 m4"},
			{name: "SendMessage", who: "a26", kind: dataEvent, request: queue, response: `{"mD5OfMessageBody":"<hex:32>","messageId":"<uuid>"}`},
			{name: "DeleteMessage", who: "a14", kind: dataEvent, request: queue},
			{name: "ReceiveMessage", who: "a26", kind: dataEvent, request: `{"queueUrl":"https://sqs.<region>.amazonaws.com/<acct>/<queue>","maxNumberOfMessages":10,"waitTimeSeconds":20}`},
		},
	}
}

func deliveryServices() []service {
	return []service{{
		prefix: "rds", version: "1.08",
		faults: [numFaults]fault{faultMissing: {"DBInstanceNotFound", "DBInstance <db> not found."}},
		calls: []call{
			{name: "DescribeDBInstances", who: "a10 h8 m16 b6", request: `{"dBInstanceIdentifier":"<db>"}`},
			{name: "DescribeDBClusters", who: "m12 h5 b5", request: `{"dBClusterIdentifier":"<db>"}`},
			{name: "DescribeDBSnapshots", who: "m6 h2", request: `{"dBInstanceIdentifier":"<db>","snapshotType":"automated"}`},
			{name: "ListTagsForResource", who: "b8 m6", request: `{"resourceName":"arn:aws:rds:<region>:<acct>:db:<db>"}`},
			{name: "DescribeEvents", who: "h3 m3", request: `{"sourceType":"db-instance","duration":1440}`},
			{name: "CreateDBSnapshot", who: "a2", request: `{"dBInstanceIdentifier":"<db>","dBSnapshotIdentifier":"nightly-<hex:8>"}`, response: `{"dBSnapshotIdentifier":"nightly-<hex:8>","dBInstanceIdentifier":"<db>","engine":"postgres","status":"creating","allocatedStorage":<num:20-900>,"masterUsername":"app","encrypted":true,"dBSnapshotArn":"arn:aws:rds:<region>:<acct>:snapshot:nightly-<hex:8>"}`},
		},
	}, {
		prefix: "cloudformation", version: "1.08",
		faults: [numFaults]fault{faultMissing: {"ValidationException", "Stack with id <stack> does not exist"}},
		calls: []call{
			{name: "DescribeStacks", who: "b20 h8 m5", request: `{"stackName":"<stack>"}`},
			{name: "DescribeStackEvents", who: "b14 h4", request: `{"stackName":"<stack>"}`},
			{name: "ListStacks", who: "h4", request: `{"stackStatusFilter":["CREATE_COMPLETE","UPDATE_COMPLETE"]}`},
			{name: "CreateChangeSet", who: "b3", request: `{"stackName":"<stack>","changeSetName":"deploy-<hex:7>","capabilities":["CAPABILITY_IAM"],"parameters":[{"parameterKey":"Version","parameterValue":"<hex:40>"}]}`, response: `{"id":"arn:aws:cloudformation:<region>:<acct>:changeSet/deploy-<hex:7>/<uuid>","stackId":"arn:aws:cloudformation:<region>:<acct>:stack/<stack>/<uuid>"}`},
			{name: "ExecuteChangeSet", who: "b3", request: `{"stackName":"<stack>","changeSetName":"deploy-<hex:7>"}`},
			{name: "GetTemplate", who: "b4 h2", request: `{"stackName":"<stack>","templateStage":"Original"}`},
		},
	}, {
		prefix: "states", version: "1.08", calls: []call{
			{name: "StartExecution", who: "a16", request: `{"stateMachineArn":"arn:aws:states:<region>:<acct>:stateMachine:<sm>","name":"<uuid>","input":"HIDDEN_DUE_TO_SECURITY_REASONS"}`, response: `{"executionArn":"arn:aws:states:<region>:<acct>:execution:<sm>:<uuid>","startDate":"<american>"}`},
			{name: "DescribeExecution", who: "a12 h4", request: `{"executionArn":"arn:aws:states:<region>:<acct>:execution:<sm>:<uuid>"}`},
			{name: "ListExecutions", who: "h5", request: `{"stateMachineArn":"arn:aws:states:<region>:<acct>:stateMachine:<sm>","maxResults":100}`},
		},
	}}
}

// longTail are services seen now and then. Requests hold what such calls have in common.
var longTail = [...]struct{ prefix, version, who, request, names string }{
	{"health", "1.08", "h7", `{"filter":{"eventStatusCodes":["open","upcoming"]},"maxResults":100}`, "DescribeEventAggregates DescribeEvents DescribeEventDetails"},
	{"config", "1.08", "m5", `{"limit":100}`, "DescribeConfigRules DescribeComplianceByConfigRule GetResourceConfigHistory ListDiscoveredResources DescribeConfigurationRecorders DescribeDeliveryChannelStatus"},
	{"config", "1.08", "m3", `{"evaluations":[{"complianceResourceType":"AWS::S3::Bucket","complianceResourceId":"<bucket>","complianceType":"COMPLIANT"}],"resultToken":"<b64:200>"}`, "PutEvaluations"},
	{"guardduty", "1.08", "m3", `{"detectorId":"<hex:32>"}`, "ListFindings GetFindings GetDetector ListDetectors ListMembers"},
	{"securityhub", "1.08", "m4", `{"maxResults":100}`, "GetFindings BatchGetSecurityControls DescribeHub GetEnabledStandards DescribeStandardsControls"},
	{"access-analyzer", "1.08", "m2", `{"maxResults":100}`, "ListAnalyzers ListFindings"},
	{"inspector2", "1.08", "m2", `{"maxResults":100}`, "ListFindings ListCoverage BatchGetAccountStatus"},
	{"macie2", "1.08", "m1", `{"maxResults":25}`, "ListFindings GetMacieSession"},
	{"events", "1.08", "b5 m3", `{"name":"<rule>","eventBusName":"default"}`, "DescribeRule ListTargetsByRule ListRules ListTagsForResource"},
	{"events", "1.08", "b1", `{"name":"<rule>","scheduleExpression":"rate(5 minutes)","state":"ENABLED"}`, "PutRule PutTargets"},
	{"scheduler", "1.08", "b2 m1", `{"name":"<rule>","groupName":"default"}`, "GetSchedule ListSchedules"},
	{"kinesis", "1.08", "a5 m3", `{"streamName":"<stream>"}`, "DescribeStreamSummary ListShards GetShardIterator"},
	{"firehose", "1.08", "m3 b2", `{"deliveryStreamName":"<stream>"}`, "DescribeDeliveryStream ListDeliveryStreams ListTagsForDeliveryStream"},
	{"route53", "1.08", "b6 m3", `{"hostedZoneId":"<zone>"}`, "GetHostedZone ListResourceRecordSets ListHostedZones GetChange"},
	{"route53", "1.08", "b2", `{"hostedZoneId":"<zone>","changeBatch":{"changes":[{"action":"UPSERT","resourceRecordSet":{"name":"<host>","type":"CNAME","tTL":300,"resourceRecords":[{"value":"<word>-<hex:8>.<region>.elb.amazonaws.com"}]}}]}}`, "ChangeResourceRecordSets"},
	{"cloudfront", "1.08", "b4 m2", `{"id":"<dist>"}`, "GetDistribution2020_05_31 GetDistributionConfig2020_05_31 ListDistributions2020_05_31 ListTagsForResource2020_05_31"},
	{"cloudfront", "1.08", "b1", `{"distributionId":"<dist>","invalidationBatch":{"callerReference":"<hex:16>","paths":{"quantity":1,"items":["/*"]}}}`, "CreateInvalidation2020_05_31"},
	{"acm", "1.08", "m4 b4", `{"certificateArn":"arn:aws:acm:<region>:<acct>:certificate/<cert>"}`, "DescribeCertificate ListCertificates ListTagsForCertificate"},
	{"wafv2", "1.08", "m3 b3", `{"scope":"REGIONAL","id":"<cert>"}`, "GetWebACL ListWebACLs GetWebACLForResource GetLoggingConfiguration"},
	{"apigateway", "1.08", "m3 b4", `{"restApiId":"<hex:10>"}`, "GetRestApis GetStages GetResources GetDeployments"},
	{"cognito-idp", "1.08", "a4 m2", `{"userPoolId":"<region>_<hex:9>"}`, "DescribeUserPool ListUserPoolClients AdminGetUser"},
	{"elasticache", "1.08", "m4 h2 b2", `{"cacheClusterId":"<word>","showCacheNodeInfo":true}`, "DescribeCacheClusters DescribeReplicationGroups ListTagsForResource"},
	{"redshift", "1.08", "m2 h1", `{"clusterIdentifier":"warehouse"}`, "DescribeClusters DescribeLoggingStatus"},
	{"redshift-data", "1.08", "h3", `{"clusterIdentifier":"warehouse","database":"analytics","sql":"HIDDEN_DUE_TO_SECURITY_REASONS"}`, "ExecuteStatement DescribeStatement GetStatementResult"},
	{"athena", "1.08", "h6 a3", `{"queryExecutionId":"<uuid>"}`, "GetQueryExecution GetQueryResults"},
	{"athena", "1.08", "h3", `{"queryString":"HIDDEN_DUE_TO_SECURITY_REASONS","queryExecutionContext":{"database":"<word>"},"workGroup":"primary","clientRequestToken":"<uuid>"}`, "StartQueryExecution"},
	{"glue", "1.08", "a6 h3 m2", `{"databaseName":"<word>","name":"<table>"}`, "GetTable GetTables GetPartitions GetDatabases"},
	{"glue", "1.08", "a1", `{"jobName":"<word>-etl","arguments":{"--day":"<day>"}}`, "StartJobRun"},
	{"lakeformation", "1.08", "a3", `{"querySessionContext":{"queryId":"<uuid>"},"region":"<region>"}`, "GetDataAccess"},
	{"elasticmapreduce", "1.08", "m2 h1", `{"clusterId":"j-<hex:13>"}`, "DescribeCluster ListClusters ListSteps"},
	{"sagemaker", "1.08", "h3 m1", `{"maxResults":100}`, "ListNotebookInstances DescribeEndpoint ListTrainingJobs DescribeTrainingJob"},
	{"bedrock", "1.08", "a4 h1", `{"modelId":"anthropic.claude-3-haiku-20240307-v1:0"}`, "InvokeModel ListFoundationModels GetModelInvocationLoggingConfiguration"},
	{"codebuild", "1.08", "b6", `{"ids":["<word>:<uuid>"]}`, "BatchGetBuilds BatchGetProjects ListBuildsForProject"},
	{"codepipeline", "1.08", "b4 h2", `{"name":"<word>"}`, "GetPipelineState ListPipelineExecutions GetPipeline"},
	{"ses", "1.08", "a4", `{"identities":["<host>"]}`, "GetIdentityVerificationAttributes GetSendQuota GetAccount"},
	{"backup", "1.08", "m2 a1", `{"backupVaultName":"Default"}`, "ListRecoveryPointsByBackupVault DescribeBackupVault ListBackupJobs ListBackupPlans"},
	{"tagging", "1.08", "m5", `{"resourcesPerPage":100,"tagFilters":[{"key":"service","values":["<word>"]}]}`, "GetResources GetTagKeys"},
	{"resource-explorer-2", "1.08", "h3", `{"queryString":"<word>","maxResults":100}`, "Search ListIndexes"},
	{"servicequotas", "1.08", "m2 h1", `{"serviceCode":"ec2","quotaCode":"L-<tok:8>"}`, "GetServiceQuota ListServiceQuotas"},
	{"ce", "1.08", "h3 m1", `{"timePeriod":{"start":"2026-02-01","end":"2026-03-01"},"granularity":"DAILY","metrics":["UnblendedCost"]}`, "GetCostAndUsage GetCostForecast GetDimensionValues"},
	{"budgets", "1.08", "h1", `{"accountId":"<acct>"}`, "DescribeBudgets"},
	{"support", "1.08", "h1 m1", `{"language":"en"}`, "DescribeTrustedAdvisorChecks DescribeCases"},
	{"elasticfilesystem", "1.08", "m3 a2", `{"fileSystemId":"<fs>"}`, "DescribeFileSystems DescribeMountTargets DescribeAccessPoints"},
	{"application-autoscaling", "1.08", "m2 b2", `{"serviceNamespace":"ecs"}`, "DescribeScalableTargets DescribeScalingPolicies"},
	{"xray", "1.08", "a3", `{"samplingStatisticsDocuments":[]}`, "GetSamplingTargets GetSamplingRules"},
	{"notifications", "1.08", "h4", `{"maxResults":20}`, "ListNotificationHubs ListNotificationEvents ListNotificationConfigurations"},
	{"compute-optimizer", "1.08", "m1", `{}`, "GetEnrollmentStatus GetEC2InstanceRecommendations"},
	{"cloudshell", "1.08", "h1", `{"environmentId":"<uuid>"}`, "GetEnvironmentStatus CreateSession SendHeartBeat"},
	{"ram", "1.08", "m2", `{"resourceOwner":"SELF"}`, "GetResourceShares ListResources"},
	{"opensearch", "1.08", "m2", `{"domainName":"<word>"}`, "DescribeDomain ListDomainNames"},
	{"network-firewall", "1.08", "m1", `{"maxResults":100}`, "ListFirewalls DescribeFirewall"},
	{"transfer", "1.08", "m1", `{"maxResults":100}`, "ListServers"},
	{"appsync", "1.08", "m1 b1", `{"maxResults":25}`, "ListGraphqlApis GetGraphqlApi"},
	{"batch", "1.08", "a2", `{"jobs":["<uuid>"]}`, "DescribeJobs"},
}
