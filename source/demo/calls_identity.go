package demo

func identityServices() []service {
	return []service{stsService(), kmsService(), iamService(), ssmService(), {
		prefix: "secretsmanager", version: "1.08",
		faults: [numFaults]fault{
			faultMissing: {"ResourceNotFoundException", "Secrets Manager can't find the specified secret."},
			faultDenied:  {"AccessDenied", "User: <arn> is not authorized to perform: <action> on resource: <secret> because no identity-based policy allows the <action> action"},
		},
		calls: []call{
			{name: "GetSecretValue", who: "a70 b4 h1", request: `{"secretId":"arn:aws:secretsmanager:<region>:<acct>:secret:<secret>-AbCdEf","versionStage":"AWSCURRENT"}`},
			{name: "DescribeSecret", who: "a10 b14 m8 h5", request: `{"secretId":"<secret>"}`},
			{name: "ListSecrets", who: "h6 m6", request: `{"maxResults":100}`},
			{name: "GetResourcePolicy", who: "b10 m5", request: `{"secretId":"<secret>"}`},
			{name: "PutSecretValue", who: "a2 b1", request: `{"clientRequestToken":"<uuid>","secretId":"<secret>"}`, response: `{"arn":"arn:aws:secretsmanager:<region>:<acct>:secret:<secret>-AbCdEf"}`},
			{name: "RotationSucceeded", who: "s2", kind: serviceEvent, by: "secretsmanager.amazonaws.com", request: `{"additionalEventData":{"SecretId":"arn:aws:secretsmanager:<region>:<acct>:secret:<secret>-AbCdEf"}}`},
		},
	}, {
		prefix: "signin", version: "1.08", calls: []call{
			{name: "ConsoleLogin", who: "h5", kind: signIn, response: `{"ConsoleLogin":"Success"}`, extra: `{"LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&region=<region>&state=hashArgsFromTB_<region>_<hex:16>","MobileVersion":"No","MFAUsed":"<mfa>"}`},
		},
	}, {
		prefix: "sso", version: "1.08", calls: []call{
			{name: "GetRoleCredentials", who: "h10", request: `{"role_name":"PowerUserAccess","account_id":"<acct>"}`},
			{name: "ListAccounts", who: "h3", request: `{}`},
			{name: "ListAccountRoles", who: "h3", request: `{"account_id":"<acct>"}`},
			{name: "Federate", who: "h5", kind: readWithout, request: `{"role_name":"ReadOnlyAccess","account_id":"<acct>"}`},
		},
	}, {
		prefix: "organizations", version: "1.08", global: true, host: "organizations.us-east-1.amazonaws.com",
		faults: [numFaults]fault{faultDenied: {"AccessDeniedException", "You don't have permissions to access this resource."}},
		calls: []call{
			{name: "DescribeOrganization", who: "h5 b5 m5"},
			{name: "ListAccounts", who: "m6 b2", request: `{"maxResults":20}`},
			{name: "ListPolicies", who: "m3", request: `{"filter":"SERVICE_CONTROL_POLICY"}`},
		},
	}}
}

func stsService() service {
	credentials := `{"credentials":{"accessKeyId":"<newkey>","sessionToken":"IQoJb3JpZ2luX2VjE<b64:120>","expiration":"<expires>"},"assumedRoleUser":{"assumedRoleId":"<roleid>:<word>-session","arn":"arn:aws:sts::<acct>:assumed-role/<role>/<word>-session"}}`
	role := `{"accountId":"<acct>","type":"AWS::IAM::Role","ARN":"arn:aws:iam::<acct>:role/<role>"}`
	byService := `{"roleArn":"arn:aws:iam::<acct>:role/<role>","roleSessionName":"<word>-session","durationSeconds":3600}`
	return service{
		prefix: "sts", version: "1.08",
		faults: [numFaults]fault{
			faultMissing: {"ValidationError", "1 validation error detected: Value 'arn:aws:iam::<acct>:role/<role>' at 'roleArn' was not found"},
			faultDenied:  {"AccessDenied", "User: <arn> is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::<acct>:role/<role>"},
		},
		calls: []call{
			{name: "GetCallerIdentity", who: "a20 h14 b20 m16"},
			{name: "AssumeRole", who: "a14 h3 b16 m10", kind: readWithout, request: byService, response: credentials, resources: role},
			{name: "AssumeRole", who: "s45", kind: readWithout, by: "lambda.amazonaws.com", request: byService, response: credentials, resources: role},
			{name: "AssumeRole", who: "s28", kind: readWithout, by: "ec2.amazonaws.com", request: byService, response: credentials, resources: role},
			{name: "AssumeRole", who: "s35", kind: readWithout, by: "ecs-tasks.amazonaws.com", request: byService, response: credentials, resources: role},
			{name: "AssumeRole", who: "s20", kind: readWithout, by: "config.amazonaws.com", request: byService, response: credentials, resources: role},
			{name: "AssumeRole", who: "s20", kind: readWithout, by: "events.amazonaws.com", request: byService, response: credentials, resources: role},
			{name: "AssumeRole", who: "s20", kind: readWithout, by: "states.amazonaws.com", request: byService, response: credentials, resources: role},
			{name: "AssumeRole", who: "s20", kind: readWithout, by: "vpc-flow-logs.amazonaws.com", request: byService, response: credentials, resources: role},
		},
	}
}

func kmsService() service {
	key := `{"accountId":"<acct>","type":"AWS::KMS::Key","ARN":"arn:aws:kms:<region>:<acct>:key/<kms>"}`
	s3Context := `{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT","keyId":"arn:aws:kms:<region>:<acct>:key/<kms>"}`
	return service{
		prefix: "kms", version: "1.11",
		faults: [numFaults]fault{
			faultMissing: {"NotFoundException", "Key 'arn:aws:kms:<region>:<acct>:key/<kms>' does not exist"},
			faultDenied:  {"AccessDenied", "User: <arn> is not authorized to perform: <action> on resource: arn:aws:kms:<region>:<acct>:key/<kms> because no identity-based policy allows the <action> action"},
		},
		calls: []call{
			{name: "Decrypt", who: "a110 b4", kind: readWithout, request: `{"encryptionContext":{"SecretARN":"arn:aws:secretsmanager:<region>:<acct>:secret:<secret>-AbCdEf","SecretVersionId":"<uuid>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}`, resources: key},
			{name: "Decrypt", who: "a50", kind: readWithout, request: s3Context, resources: key},
			{name: "GenerateDataKey", who: "a70", kind: readWithout, request: `{"keySpec":"AES_256","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>"},"keyId":"arn:aws:kms:<region>:<acct>:key/<kms>"}`, resources: key},
			{name: "Decrypt", who: "s180", kind: readWithout, by: "dynamodb.amazonaws.com", request: `{"encryptionContext":{"aws:dynamodb:tableName":"<table>","aws:dynamodb:subscriberId":"<acct>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}`, resources: key},
			{name: "GenerateDataKey", who: "s140", kind: readWithout, by: "logs.amazonaws.com", request: `{"keySpec":"AES_256","encryptionContext":{"aws:logs:arn":"arn:aws:logs:<region>:<acct>:log-group:<log>"},"keyId":"arn:aws:kms:<region>:<acct>:key/<kms>"}`, resources: key},
			{name: "GenerateDataKey", who: "s60", kind: readWithout, by: "cloudtrail.amazonaws.com", request: `{"keySpec":"AES_256","encryptionContext":{"aws:cloudtrail:arn":"arn:aws:cloudtrail:us-east-1:<acct>:trail/<acct>-trail","aws:s3:arn":"arn:aws:s3:::examplecorp-cloudtrail-archive"},"keyId":"arn:aws:kms:<region>:<acct>:key/<kms>"}`, resources: key},
			{name: "CreateGrant", who: "a6", request: `{"keyId":"arn:aws:kms:<region>:<acct>:key/<kms>","granteePrincipal":"arn:aws:sts::<acct>:assumed-role/aws:ec2-infrastructure/<i>","operations":["Decrypt"],"constraints":{"encryptionContextSubset":{"aws:ebs:id":"<vol>"}}}`, response: `{"grantId":"<hex:64>","keyId":"arn:aws:kms:<region>:<acct>:key/<kms>"}`, resources: key},
			{name: "DescribeKey", who: "a14 b14 m14 h8", request: `{"keyId":"<kms>"}`, resources: key},
			{name: "GetKeyPolicy", who: "m10 b6", request: `{"keyId":"<kms>","policyName":"default"}`, resources: key},
			{name: "GetKeyRotationStatus", who: "m10 b6", request: `{"keyId":"<kms>"}`, resources: key},
			{name: "ListAliases", who: "h8 m5 b4", request: `{"limit":100}`},
			{name: "ListKeys", who: "m5 h3"},
			{name: "ListResourceTags", who: "b6 m5", request: `{"keyId":"<kms>","limit":50}`, resources: key},
			{name: "RotateKey", who: "s3", kind: serviceEvent, by: "AWS Internal", request: `{"keyId":"<kms>","rotationType":"AUTOMATIC"}`, resources: key},
		},
	}
}

func iamService() service {
	return service{
		prefix: "iam", version: "1.10", global: true, host: "iam.amazonaws.com",
		faults: [numFaults]fault{
			faultThrottled: {"ThrottlingException", "Rate exceeded"},
			faultMissing:   {"NoSuchEntityException", "The role with name <role> cannot be found."},
			faultDenied:    {"AccessDenied", "User: <arn> is not authorized to perform: <action> on resource: role <role> because no identity-based policy allows the <action> action"},
		},
		calls: []call{
			{name: "GetRole", who: "b50 m20 h8", request: `{"roleName":"<role>"}`},
			{name: "ListRoles", who: "h8 m10", request: `{"maxItems":100}`},
			{name: "ListAttachedRolePolicies", who: "b30 m30 h5", request: `{"roleName":"<role>"}`},
			{name: "ListRolePolicies", who: "b26 m26 h4", request: `{"roleName":"<role>"}`},
			{name: "GetRolePolicy", who: "b12 m16", request: `{"roleName":"<role>","policyName":"<policy>"}`, missing: fault{"NoSuchEntityException", "The role policy with name <policy> cannot be found."}},
			{name: "ListInstanceProfilesForRole", who: "b10", request: `{"roleName":"<role>"}`},
			{name: "GetPolicy", who: "b16 m10 h3", request: `{"policyArn":"arn:aws:iam::<acct>:policy/<policy>"}`},
			{name: "GetPolicyVersion", who: "b12 m16 h3", request: `{"policyArn":"arn:aws:iam::<acct>:policy/<policy>","versionId":"v<num:1-9>"}`},
			{name: "ListPolicies", who: "h3 m5", request: `{"scope":"Local","onlyAttached":false}`},
			{name: "ListUsers", who: "h5 m8", request: `{"maxItems":100}`},
			{name: "GetUser", who: "h6 m6 b3", request: `{"userName":"<user>"}`, missing: fault{"NoSuchEntityException", "The user with name <user> cannot be found."}},
			{name: "ListAccessKeys", who: "h5 m10", request: `{"userName":"<user>"}`},
			{name: "GetAccessKeyLastUsed", who: "h5 m8", request: `{"accessKeyId":"AKIA<tok:16>"}`},
			{name: "ListMFADevices", who: "h3 m6", request: `{"userName":"<user>"}`},
			{name: "GetLoginProfile", who: "h3 m6", request: `{"userName":"<user>"}`, missing: fault{"NoSuchEntityException", "Login Profile for User <user> cannot be found."}},
			{name: "ListGroupsForUser", who: "h2 m6", request: `{"userName":"<user>"}`},
			{name: "GetAccountSummary", who: "h4 m4"},
			{name: "GetAccountPasswordPolicy", who: "m4"},
			{name: "ListAccountAliases", who: "h5 m2 b2"},
			{name: "GenerateCredentialReport", who: "m3"},
			{name: "GetCredentialReport", who: "m4"},
			{name: "GetInstanceProfile", who: "b4 m4", request: `{"instanceProfileName":"<role>"}`},
			{name: "PassRole", who: "b1", request: `{"roleName":"<role>"}`},
			{name: "TagRole", who: "b3", request: `{"roleName":"<role>","tags":[{"key":"owner","value":"<odd>"}]}`},
			{name: "PutRolePolicy", who: "b6", request: `{"roleName":"<role>","policyName":"<policy>","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::<bucket>/*\"}]}"}`},
			{name: "AttachRolePolicy", who: "b4 h1", request: `{"roleName":"<role>","policyArn":"arn:aws:iam::<acct>:policy/<policy>"}`},
			{name: "CreateRole", who: "b2", request: `{"path":"/","roleName":"<role>","assumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ecs-tasks.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}","tags":[{"key":"service","value":"<word>"}]}`, response: `{"role":{"assumeRolePolicyDocument":"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ecs-tasks.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D","arn":"arn:aws:iam::<acct>:role/<role>","roleId":"<roleid>","createDate":"<american>","roleName":"<role>","path":"/"}}`},
			{name: "UpdateAccessKey", who: "h1", request: `{"userName":"<user>","status":"Inactive","accessKeyId":"AKIA<tok:16>"}`},
			{name: "CreatePolicyVersion", who: "b3", request: `{"policyArn":"arn:aws:iam::<acct>:policy/<policy>","setAsDefault":true,"policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sqs:*\",\"Resource\":\"arn:aws:sqs:<region>:<acct>:<queue>\"}]}"}`, response: `{"policyVersion":{"versionId":"v<num:2-30>","isDefaultVersion":true,"createDate":"<american>"}}`},
		},
	}
}

func ssmService() service {
	return service{
		prefix: "ssm", version: "1.08",
		faults: [numFaults]fault{faultMissing: {"ParameterNotFound", "Parameter <param> not found."}},
		calls: []call{
			{name: "GetParameter", who: "a40 b10", request: `{"name":"<param>","withDecryption":true}`},
			{name: "GetParameters", who: "a20 b4", request: `{"names":["<param>","<param!>"],"withDecryption":true}`},
			{name: "GetParametersByPath", who: "a14", request: `{"path":"<param>","recursive":true,"withDecryption":true,"maxResults":10}`},
			{name: "DescribeParameters", who: "h4 b8 m4", request: `{"parameterFilters":[{"key":"Name","option":"Equals","values":["<param>"]}]}`},
			{name: "UpdateInstanceInformation", who: "a30", request: `{"instanceId":"<i>","agentVersion":"3.2.2303.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.20.<num:0-3>.<num:10-250>","computerName":"ip-10-20-1-<num:10-250>.ec2.internal","agentName":"amazon-ssm-agent"}`, response: `{}`},
			{name: "ListInstanceAssociations", who: "a10", request: `{"instanceId":"<i>","maxResults":20}`},
			{name: "DescribeInstanceInformation", who: "h5 m5", request: `{"maxResults":50}`},
			{name: "ListCommands", who: "h2", request: `{"maxResults":50}`},
			{name: "StartSession", who: "h4", request: `{"target":"<i>"}`, response: `{"sessionId":"<word>-<hex:17>","tokenValue":"Value hidden due to security reasons.","streamUrl":"wss://ssmmessages.<region>.amazonaws.com/v1/data-channel/<word>-<hex:17>?role=publish_subscribe"}`},
			{name: "SendCommand", who: "b2 h1", request: `{"documentName":"AWS-RunShellScript","instanceIds":["<i>"],"parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","comment":"<odd>"}`, response: `{"command":{"commandId":"<uuid>","documentName":"AWS-RunShellScript","status":"Pending","requestedDateTime":"<american>"}}`},
			{name: "PutParameter", who: "b4", request: `{"name":"<param>","type":"SecureString","value":"HIDDEN_DUE_TO_SECURITY_REASONS","overwrite":true}`, response: `{"version":<num:2-40>,"tier":"Standard"}`},
			{name: "PutInventory", who: "a5", request: `{"instanceId":"<i>"}`},
		},
	}
}
