package source

import "testing"

func TestIsResourceID(t *testing.T) {
	for _, id := range []string{
		"i-0abc1234", "i-0123456789abcdef0", "vol-0abc1234", "snap-0123456789abcdef0", "ami-0abc1234", "sg-0abc1234",
		"vpc-0abc1234", "subnet-0abc1234", "eni-0abc1234", "rtb-0abc1234", "igw-0abc1234", "nat-0123456789abcdef0",
		"eipalloc-0abc1234", "acl-0abc1234", "lt-0123456789abcdef0", "vpce-0abc1234", "vpce-svc-0123456789abcdef0",
		"pcx-0abc1234", "tgw-attach-0123456789abcdef0", "tgw-0123456789abcdef0", "fs-0abc1234", "mi-0123456789abcdef0",
		"cvpn-endpoint-0123456789abcdef0",
	} {
		if !isResourceID([]byte(id)) {
			t.Errorf("%q is no resource id", id)
		}
	}
	for _, text := range []string{
		"", "-", "i-", "i-0abc123", "i-0abc12345", "i-0ABC1234", "i-0abc123g", "x-0abc1234", "I-0abc1234", "i_0abc1234",
		"0abc1234", "-0abc1234", "i-0123456789abcdef", "i-0123456789abcdef01", "web-i-0abc1234", "i-0abc1234 ",
		"0f8fad5b-d9cb-469f-a165-70867728950e", "sha256-0123456789abcdef0",
	} {
		if isResourceID([]byte(text)) {
			t.Errorf("%q is a resource id", text)
		}
	}
}

func TestIsResourceName(t *testing.T) {
	f := func(service, key string, want bool) {
		t.Helper()
		if got := isResourceName([]byte(service), []byte(key)); got != want {
			t.Errorf("isResourceName(%q, %q) = %v", service, key, got)
		}
	}
	for _, row := range [][2]string{
		{"s3", "bucketName"},
		{"cloudtrail", "s3BucketName"},
		{"iam", "userName"},
		{"iam", "roleName"},
		{"iam", "groupName"},
		{"iam", "policyArn"},
		{"iam", "policyName"},
		{"iam", "instanceProfileName"},
		{"lambda", "functionName"},
		{"kms", "keyId"},
		{"secretsmanager", "secretId"},
		{"dynamodb", "tableName"},
		{"rds", "dBInstanceIdentifier"},
		{"cloudtrail", "name"},
		{"sqs", "queueUrl"},
		{"sns", "topicArn"},
		{"kinesis", "streamName"},
		{"eks", "clusterName"},
		{"cloudformation", "stackName"},
		{"ecr", "repositoryName"},
		{"es", "domainName"},
		{"logs", "logGroupName"},
		{"ssm", "name"},
		{"ssm", "names"},
		{"elasticloadbalancing", "name"},
		{"sagemaker", "name"},
	} {
		f(row[0], row[1], true)
		f(row[0]+".amazonaws.com", row[1], true)
		f(row[0]+".amazonaws.com.cn", row[1], true)
	}
	f("s3", "userName", false)
	f("ec2", "name", false)
	f("ss", "name", false)
	f("sm", "name", false)
	f("ssm names", "name", false)
	f("", "name", false)
	f("", "bucketName", true)
	f("iam", "", false)
	f("iam", "username", false)
	f("kms", "encryptionContext", false)
}

// Every row must name services as eventSource spells them.
func TestResourceNamesAreReachable(t *testing.T) {
	if len(resourceNames) < 60 {
		t.Errorf("%d rows", len(resourceNames))
	}
	for key, services := range resourceNames {
		if !isResourceName([]byte("s3"), []byte(key)) && services == anyService {
			t.Errorf("%s is not found", key)
		}
		for i := range len(services) {
			if c := services[i]; !isDigit(c) && (c < 'a' || c > 'z') && c != '-' && c != ' ' {
				t.Errorf("%s: services %q", key, services)
			}
		}
	}
}

func TestResourceRulesDoNotAllocate(t *testing.T) {
	service, key, value := []byte("sagemaker.amazonaws.com"), []byte("name"), []byte("i-0123456789abcdef0")
	if n := testing.AllocsPerRun(100, func() {
		isResourceID(value)
		isResourceName(service, key)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkResourceRules(b *testing.B) {
	service, key, other := []byte("elasticloadbalancing"), []byte("name"), []byte("maxResultsOfList")
	value := []byte("some ordinary text of a request")
	b.ReportAllocs()
	for b.Loop() {
		isResourceID(value)
		isResourceName(service, other)
		isResourceName(service, key)
	}
}
