package demo

import (
	"fmt"
	"time"
)

// Ids of users, roles and their keys belong to the account and the name.

func userID(a *account, user string) string {
	return "AIDA" + string(appendHashed(nil, hashText(a.id+user), 17, keyLetters, 5))
}

func userKey(a *account, user string) string {
	return string(appendAccessKey(nil, "AKIA", hashText(a.id+user)))
}

func roleID(a *account, role string) string {
	return "AROA" + string(appendHashed(nil, hashText(a.id+role), 17, keyLetters, 5))
}

// userIdentity is the userIdentity of an IAM user with its long-term key.
func userIdentity(a *account, user string) string {
	return fmt.Sprintf(`{"type":"IAMUser","principalId":%q,"arn":"arn:aws:iam::%s:user/%s","accountId":%q,"accessKeyId":%q,"userName":%q}`,
		userID(a, user), a.id, user, a.id, userKey(a, user), user)
}

// consoleIdentity is that of an IAM user in the console.
func consoleIdentity(a *account, user string) string {
	return fmt.Sprintf(`{"type":"IAMUser","principalId":%q,"arn":"arn:aws:iam::%s:user/%s","accountId":%q,"accessKeyId":%q,"userName":%q,`+
		`"sessionContext":{"attributes":{"creationDate":"2026-03-12T02:25:31Z","mfaAuthenticated":"false"}}}`,
		userID(a, user), a.id, user, a.id, appendAccessKey(nil, "ASIA", hashText(a.id+user+"console")), user)
}

// sessionText is the userIdentity of a session of the story.
func sessionText(a *account, s Session, since time.Time) string {
	id := roleID(a, s.Role)
	return fmt.Sprintf(`{"type":"AssumedRole","principalId":"%s:%s","arn":"arn:aws:sts::%s:assumed-role/%s/%s","accountId":%q,"accessKeyId":%q,`+
		`"sessionContext":{"sessionIssuer":{"type":"Role","principalId":%q,"arn":"arn:aws:iam::%s:role/%s","accountId":%q,"userName":%q},`+
		`"attributes":{"creationDate":"%s","mfaAuthenticated":"false"}}}`,
		id, s.Name, a.id, s.Role, s.Name, a.id, s.AccessKey, id, a.id, s.Role, a.id, s.Role, appendTime(nil, since.Unix()))
}
