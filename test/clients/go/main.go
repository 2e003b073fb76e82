// What the Go clients do with a cluster: `go-clients BOOTSTRAP RULE`; status 0 when the rule holds.
package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

const firstTimestamp = 1_700_000_000_000

// How long a client waits for one answer of a busy machine.
const patience = time.Minute

var rules = map[string]func(brokers []string) error{
	"franz-go/records":        franzRecords,
	"franz-go/group":          franzGroup,
	"franz-go/transactions":   franzTransactions,
	"franz-go/administration": franzAdministration,
	"franz-go/large":          franzLarge,
	"franz-go/killed":         franzKilled,
	"franz-go/sign-in":        franzSignIn,
	"franz-go/iam":            franzIam,
	"sarama/records":          saramaRecords,
	"sarama/group":            saramaGroup,
	"sarama/transactions":     saramaTransactions,
	"sarama/administration":   saramaAdministration,
}

func main() {
	rule := rules[os.Args[2]]
	if rule == nil {
		fail(fmt.Errorf("no rule %s", os.Args[2]))
	}
	time.AfterFunc(5*time.Minute, func() { fail(fmt.Errorf("not within five minutes")) })
	if err := rule(strings.Split(os.Args[1], ",")); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// The values that were read must be those that were written, in order.
func equal(found, expected []string) error {
	if strings.Join(found, "\n") == strings.Join(expected, "\n") {
		return nil
	}
	for i := range min(len(found), len(expected)) {
		if found[i] != expected[i] {
			return fmt.Errorf("record %d is %q instead of %q; %d of %d records", i, found[i], expected[i], len(found), len(expected))
		}
	}
	return fmt.Errorf("%d records instead of %d", len(found), len(expected))
}
