package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

type signInCase struct {
	Name, Bootstrap, Ca, Certificate, Key, User, Password string
	PatienceS                                             int
}

// Each case of the file asks a cluster for its topics; prints `NAME in` or `NAME refused: why`.
func franzSignIn(files []string) error {
	content, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	var cases []signInCase
	if err := json.Unmarshal(content, &cases); err != nil {
		return err
	}
	lines := make(chan string)
	for _, one := range cases {
		go func() {
			if err := one.attempt(); err != nil {
				lines <- fmt.Sprintf("%s refused: %v", one.Name, err)
			} else {
				lines <- one.Name + " in"
			}
		}()
	}
	for range cases {
		fmt.Println(<-lines)
	}
	return nil
}

func (one signInCase) attempt() error {
	ca, err := os.ReadFile(one.Ca)
	if err != nil {
		return err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(ca)
	if one.Certificate != "" {
		identity, err := tls.LoadX509KeyPair(one.Certificate, one.Key)
		if err != nil {
			return err
		}
		config.Certificates = []tls.Certificate{identity}
	}
	options := []kgo.Opt{kgo.SeedBrokers(strings.Split(one.Bootstrap, ",")...), kgo.DialTLSConfig(config)}
	if one.Password != "" {
		options = append(options, kgo.SASL(scram.Auth{User: one.User, Pass: one.Password}.AsSha512Mechanism()))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	defer client.Close()
	limited, cancel := context.WithTimeout(background, time.Duration(one.PatienceS)*time.Second)
	defer cancel()
	return client.Ping(limited)
}
