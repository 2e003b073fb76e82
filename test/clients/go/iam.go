package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/aws"
)

type iamCase struct {
	Bootstrap, Ca, Topic, Value, AccessKeyId, SecretAccessKey, SessionToken string
}

// Writes a value to a topic and reads it as a group, signed in by IAM; prints `in`, or `refused: why`. The
// region is found as AWS's own clients find it.
func franzIam(files []string) error {
	content, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	var one iamCase
	if err := json.Unmarshal(content, &one); err != nil {
		return err
	}
	if err := one.writeAndRead(); err != nil {
		fmt.Printf("refused: %v\n", err)
	} else {
		fmt.Println("in")
	}
	return nil
}

func (one iamCase) writeAndRead() error {
	ca, err := os.ReadFile(one.Ca)
	if err != nil {
		return err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(ca)
	auth := aws.Auth{AccessKey: one.AccessKeyId, SecretKey: one.SecretAccessKey, SessionToken: one.SessionToken}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(one.Bootstrap, ",")...),
		kgo.DialTLSConfig(config),
		kgo.SASL(auth.AsManagedStreamingIAMMechanism()),
		kgo.ConsumeTopics(one.Topic),
		kgo.ConsumerGroup("go"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	limited, cancel := context.WithTimeout(background, patience)
	defer cancel()
	if err := client.Ping(limited); err != nil {
		return err
	}
	if err := client.ProduceSync(limited, &kgo.Record{Topic: one.Topic, Value: []byte(one.Value)}).FirstErr(); err != nil {
		return err
	}
	for limited.Err() == nil {
		fetches := client.PollFetches(limited)
		for _, record := range fetches.Records() {
			if string(record.Value) == one.Value {
				return nil
			}
		}
	}
	return errors.New("the record was not read")
}
