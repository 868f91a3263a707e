package demo

const (
	s3Object  = `{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<word>/dt=<day>/part-<num:10000-10240>-<hex:12>.<ext>"}`
	s3Named   = `{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"uploads/<odd>/<word>-<num:1-400>.<ext>"}`
	s3Bucket  = `{"accountId":"<acct>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}`
	s3Objects = `{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::<bucket>/"},` + s3Bucket
	s3Extra   = `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<b64:75>=","bytesTransferredOut":<num:200-900>}`
	s3Get     = `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"SSEApplied":"SSE_KMS","AuthenticationMethod":"AuthHeader","x-amz-id-2":"<b64:75>=","bytesTransferredOut":<num:1000-9000000>}`
	s3Put     = `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":<num:1000-9000000>,"SSEApplied":"Default_SSE_S3","AuthenticationMethod":"AuthHeader","x-amz-id-2":"<b64:75>=","bytesTransferredOut":0}`
)

// s3Sub is a request about one setting of a bucket.
func s3Sub(name string) string {
	return `{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","` + name + `":""}`
}

func storageServices() []service {
	return []service{s3Service(), dynamoService(), {
		prefix: "ecr", version: "1.09", calls: []call{
			{name: "BatchGetImage", who: "a20 b30", request: `{"registryId":"<acct>","repositoryName":"<repo>","imageIds":[{"imageTag":"<hex:7>"}],"acceptedMediaTypes":["application/vnd.docker.distribution.manifest.v2+json"]}`, resources: `{"ARN":"arn:aws:ecr:<region>:<acct>:repository/<repo>","accountId":"<acct>"}`},
			{name: "GetAuthorizationToken", who: "a20 b30", request: `{"registryIds":["<acct>"]}`},
			{name: "GetDownloadUrlForLayer", who: "a25 b20", request: `{"registryId":"<acct>","repositoryName":"<repo>","layerDigest":"sha256:<hex:64>"}`, resources: `{"ARN":"arn:aws:ecr:<region>:<acct>:repository/<repo>","accountId":"<acct>"}`},
			{name: "PutImage", who: "b14", request: `{"registryId":"<acct>","repositoryName":"<repo>","imageTag":"<hex:7>","imageDigest":"sha256:<hex:64>"}`, response: `{"image":{"registryId":"<acct>","repositoryName":"<repo>","imageId":{"imageDigest":"sha256:<hex:64>","imageTag":"<hex:7>"}}}`, resources: `{"ARN":"arn:aws:ecr:<region>:<acct>:repository/<repo>","accountId":"<acct>"}`},
			{name: "DescribeRepositories", who: "b8 m10 h3", request: `{"repositoryNames":["<repo>"]}`},
			{name: "InitiateLayerUpload", who: "b8", request: `{"registryId":"<acct>","repositoryName":"<repo>"}`, response: `{"uploadId":"<uuid>","partSize":10485760}`},
			{name: "DescribeImageScanFindings", who: "m8", request: `{"repositoryName":"<repo>","imageId":{"imageDigest":"sha256:<hex:64>"}}`},
		},
	}}
}

func s3Service() service {
	noPolicy := fault{"NoSuchBucketPolicy", "The bucket policy does not exist"}
	return service{
		prefix: "s3", version: "1.11", s3: true, host: "<bucket>.s3.<region>.amazonaws.com",
		faults: [numFaults]fault{
			faultThrottled: {"SlowDown", "Please reduce your request rate."},
			faultMissing:   {"NoSuchKey", "The specified key does not exist."},
			faultDenied:    {"AccessDenied", "User: <arn> is not authorized to perform: <action> on resource: \\\"arn:aws:s3:::<bucket>\\\" because no identity-based policy allows the <action> action"},
			faultInvalid:   {"InvalidRange", "The requested range is not satisfiable"},
		},
		calls: []call{
			{name: "GetObject", who: "a270 h14", kind: dataEvent, request: s3Object, extra: s3Get, resources: s3Objects},
			{name: "GetObject", who: "a4 h5", kind: dataEvent, request: s3Named, extra: s3Get, resources: s3Objects},
			{name: "PutObject", who: "a170 b10 h2", kind: dataEvent, request: s3Object, extra: s3Put, resources: s3Objects},
			{name: "PutObject", who: "a3 h3", kind: dataEvent, request: s3Named, extra: s3Put, resources: s3Objects},
			{name: "HeadObject", who: "a50 b10", kind: dataEvent, request: s3Object, extra: s3Extra, resources: s3Objects},
			{name: "DeleteObject", who: "a16", kind: dataEvent, request: s3Object, extra: s3Extra, resources: s3Objects},
			{name: "ListObjects", who: "a50 h9", kind: dataEvent, request: `{"list-type":"2","bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","prefix":"<word>/","encoding-type":"url"}`, extra: s3Extra, resources: s3Objects, missing: fault{"NoSuchBucket", "The specified bucket does not exist"}},
			{name: "CopyObject", who: "a8", kind: dataEvent, request: `{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","x-amz-copy-source":"<bucket!>/<word>/<hex:12>.<ext>","key":"<word>/<hex:12>.<ext>"}`, extra: s3Put, resources: s3Objects},
			{name: "ListBuckets", who: "h14 m14 a2", request: `{"Host":"s3.<region>.amazonaws.com"}`, extra: s3Extra},
			{name: "GetBucketAcl", who: "m30 h4", request: s3Sub("acl"), extra: s3Extra, resources: s3Bucket, missing: fault{"NoSuchBucket", "The specified bucket does not exist"}},
			{name: "GetBucketPolicy", who: "m30 h6 b10", request: s3Sub("policy"), extra: s3Extra, resources: s3Bucket, missing: noPolicy},
			{name: "GetBucketPolicyStatus", who: "m22 h5", request: s3Sub("policyStatus"), extra: s3Extra, resources: s3Bucket, missing: noPolicy},
			{name: "GetBucketLocation", who: "m16 h8 a5", request: s3Sub("location"), extra: s3Extra, resources: s3Bucket},
			{name: "GetBucketTagging", who: "m20 b10", request: s3Sub("tagging"), extra: s3Extra, resources: s3Bucket, missing: fault{"NoSuchTagSet", "The TagSet does not exist"}},
			{name: "GetBucketWebsite", who: "m16 b8", request: s3Sub("website"), extra: s3Extra, resources: s3Bucket, missing: fault{"NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"}},
			{name: "GetBucketCors", who: "m12 b8", request: s3Sub("cors"), extra: s3Extra, resources: s3Bucket, missing: fault{"NoSuchCORSConfiguration", "The CORS configuration does not exist"}},
			{name: "GetBucketLifecycle", who: "m12 b8", request: s3Sub("lifecycle"), extra: s3Extra, resources: s3Bucket, missing: fault{"NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"}},
			{name: "GetBucketReplication", who: "m12 b5", request: s3Sub("replication"), extra: s3Extra, resources: s3Bucket, missing: fault{"ReplicationConfigurationNotFoundError", "The replication configuration was not found"}},
			{name: "GetBucketEncryption", who: "m16 b6 h3", request: s3Sub("encryption"), extra: s3Extra, resources: s3Bucket},
			{name: "GetBucketPublicAccessBlock", who: "m16 b4 h3", request: s3Sub("publicAccessBlock"), extra: s3Extra, resources: s3Bucket, missing: fault{"NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"}},
			{name: "GetBucketVersioning", who: "m14 b6", request: s3Sub("versioning"), extra: s3Extra, resources: s3Bucket},
			{name: "GetBucketLogging", who: "m12 b4", request: s3Sub("logging"), extra: s3Extra, resources: s3Bucket},
			{name: "GetBucketNotification", who: "m8 b4", request: s3Sub("notification"), extra: s3Extra, resources: s3Bucket},
			{name: "GetBucketOwnershipControls", who: "m8", request: s3Sub("ownershipControls"), extra: s3Extra, resources: s3Bucket, missing: fault{"OwnershipControlsNotFoundError", "The bucket ownership controls were not found"}},
			{name: "GetStorageLensConfiguration", who: "h4", request: `{"Host":"<acct>.s3-control.<region>.amazonaws.com","storageLensConfigurationId":"default-account-dashboard"}`, extra: s3Extra},
			{name: "PutBucketTagging", who: "b4", request: `{"bucketName":"<bucket>","Tagging":{"TagSet":{"Tag":[{"Key":"owner","Value":"<odd>"},{"Key":"service","Value":"<word>"}]},"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/"},"Host":"<bucket>.s3.<region>.amazonaws.com","tagging":""}`, extra: s3Put, resources: s3Bucket},
			{name: "PutBucketLifecycle", who: "b2", request: s3Sub("lifecycle"), extra: s3Put, resources: s3Bucket},
			{name: "PutBucketPolicy", who: "b2 h1", request: `{"bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::<bucket>","arn:aws:s3:::<bucket>/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]},"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","policy":""}`, extra: s3Put, resources: s3Bucket},
			{name: "GetBucketAcl", who: "s230", by: "cloudtrail.amazonaws.com", request: `{"bucketName":"examplecorp-cloudtrail-archive","Host":"examplecorp-cloudtrail-archive.s3.us-east-1.amazonaws.com","acl":""}`, extra: s3Extra, resources: `{"accountId":"777788889999","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::examplecorp-cloudtrail-archive"}`},
			{name: "PutObject", who: "s96", kind: dataEvent, by: "delivery.logs.amazonaws.com", request: `{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","x-amz-acl":"bucket-owner-full-control","key":"AWSLogs/<acct>/vpcflowlogs/<region>/<slashday>/<acct>_vpcflowlogs_<region>_fl-<hex:17>_<hex:8>.log.gz"}`, extra: s3Put, resources: s3Objects},
		},
	}
}

func dynamoService() service {
	table := `{"accountId":"<acct>","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:<region>:<acct>:table/<table>"}`
	one := `{"tableName":"<table>"}`
	return service{
		prefix: "dynamodb", version: "1.09",
		faults: [numFaults]fault{
			faultThrottled: {"ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."},
			faultMissing:   {"ResourceNotFoundException", "Requested resource not found: Table: <table> not found"},
			faultDenied:    {"AccessDenied", "User: <arn> is not authorized to perform: <action> on resource: arn:aws:dynamodb:<region>:<acct>:table/<table> because no identity-based policy allows the <action> action"},
		},
		calls: []call{
			{name: "GetItem", who: "a80", kind: dataEvent, request: `{"tableName":"<table>","key":["id"],"consistentRead":false}`, resources: table},
			{name: "Query", who: "a50", kind: dataEvent, request: `{"tableName":"<table>","indexName":"by-<word>","keyConditionExpression":"#pk = :pk","limit":<num:1-100>}`, resources: table},
			{name: "PutItem", who: "a40", kind: dataEvent, request: `{"tableName":"<table>","key":["id"]}`, resources: table},
			{name: "UpdateItem", who: "a24", kind: dataEvent, request: `{"tableName":"<table>","key":["id","sort"]}`, resources: table},
			{name: "BatchGetItem", who: "a10", kind: dataEvent, request: `{"requestItems":{"<table>":{"keys":["id"]}}}`, resources: table},
			{name: "DescribeTable", who: "a20 b8 m10 h6", request: one, resources: table},
			{name: "DescribeContinuousBackups", who: "m10 b4", request: one, resources: table},
			{name: "DescribeTimeToLive", who: "b4 m4", request: one, resources: table},
			{name: "ListTables", who: "h8 m8", request: `{"limit":100}`},
			{name: "UpdateTable", who: "b1", request: `{"tableName":"<table>","billingMode":"PAY_PER_REQUEST"}`, response: `{"tableDescription":{"tableName":"<table>","tableStatus":"UPDATING","tableArn":"arn:aws:dynamodb:<region>:<acct>:table/<table>","itemCount":<num:1-900000>}}`, resources: table},
		},
	}
}
