package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var background = context.Background()

func franz(brokers []string, options ...kgo.Opt) (*kgo.Client, error) {
	// By itself it waits 10 s for a connection and for an answer.
	patient := []kgo.Opt{kgo.DialTimeout(patience), kgo.RequestTimeoutOverhead(patience), kgo.RetryTimeout(2 * patience)}
	return kgo.NewClient(append(append(patient, options...), kgo.SeedBrokers(brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
}

func franzCreate(brokers []string, topic string, partitions int32) (*kadm.Client, error) {
	client, err := franz(brokers)
	if err != nil {
		return nil, err
	}
	admin := kadm.NewClient(client)
	admin.SetTimeoutMillis(int32(patience.Milliseconds()))
	_, err = admin.CreateTopic(background, partitions, 3, nil, topic)
	return admin, err
}

// Partition 0, until that many records were read.
func franzRead(brokers []string, topic string, count int, options ...kgo.Opt) ([]*kgo.Record, error) {
	offsets := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}
	client, err := franz(brokers, append(options, kgo.ConsumePartitions(offsets))...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	var records []*kgo.Record
	for len(records) < count {
		fetches := client.PollFetches(background)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		records = append(records, fetches.Records()...)
	}
	return records, nil
}

func franzText(record *kgo.Record) string {
	return fmt.Sprintf("%t %s %t %s %v %d", record.Key == nil, record.Key, record.Value == nil, record.Value, record.Headers, record.Timestamp.UnixMilli())
}

func franzRecords(brokers []string) error {
	const topic = "franz-records"
	if _, err := franzCreate(brokers, topic, 1); err != nil {
		return err
	}
	var expected []string
	codecs := []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()}
	for _, codec := range codecs {
		client, err := franz(brokers, kgo.ProducerBatchCompression(codec))
		if err != nil {
			return err
		}
		var records []*kgo.Record
		for range 500 {
			i := len(expected)
			record := &kgo.Record{Topic: topic, Timestamp: time.UnixMilli(firstTimestamp + int64(i)), Headers: []kgo.RecordHeader{{Key: "name", Value: []byte("x")}, {Key: "name"}}}
			if i%3 != 0 {
				record.Key = fmt.Appendf(nil, "key %d", i)
			}
			if i%7 != 0 {
				record.Value = fmt.Appendf(nil, "value %d", i)
			}
			records = append(records, record)
			expected = append(expected, franzText(record))
		}
		if err := client.ProduceSync(background, records...).FirstErr(); err != nil {
			return err
		}
		client.Close()
	}
	read, err := franzRead(brokers, topic, len(expected))
	if err != nil {
		return err
	}
	var found []string
	for _, record := range read {
		found = append(found, franzText(record))
	}
	return equal(found, expected)
}

// Says `writing`, upon which whoever started it kills a broker.
func franzKilled(brokers []string) error {
	const topic = "franz-killed"
	if _, err := franzCreate(brokers, topic, 1); err != nil {
		return err
	}
	client, err := franz(brokers)
	if err != nil {
		return err
	}
	fmt.Println("writing")
	var expected, found []string
	for start := time.Now(); time.Since(start) < 4*time.Second; {
		record := &kgo.Record{Topic: topic, Value: fmt.Appendf(nil, "%d", len(expected))}
		if err := client.ProduceSync(background, record).FirstErr(); err != nil {
			return err
		}
		expected = append(expected, string(record.Value))
	}
	client.Close()
	read, err := franzRead(brokers, topic, len(expected))
	if err != nil {
		return err
	}
	for _, record := range read {
		found = append(found, string(record.Value))
	}
	return equal(found, expected)
}

func franzGroup(brokers []string) error {
	const topic, members, partitions = "franz-group", 3, 6
	if _, err := franzCreate(brokers, topic, partitions); err != nil {
		return err
	}
	var lock sync.Mutex
	owned := make([]map[int32]bool, members)
	change := func(member int, changed map[string][]int32, owns bool) {
		lock.Lock()
		defer lock.Unlock()
		for _, partition := range changed[topic] {
			if owns {
				owned[member][partition] = true
			} else {
				delete(owned[member], partition)
			}
		}
	}
	for member := range members {
		owned[member] = map[int32]bool{}
		client, err := franz(brokers, kgo.ConsumerGroup(topic), kgo.ConsumeTopics(topic), kgo.HeartbeatInterval(200*time.Millisecond),
			kgo.Balancers(kgo.CooperativeStickyBalancer()),
			kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) { change(member, assigned, true) }),
			kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, revoked map[string][]int32) { change(member, revoked, false) }))
		if err != nil {
			return err
		}
		defer client.Close()
		go func() {
			for !client.PollFetches(background).IsClientClosed() {
			}
		}()
	}
	for {
		lock.Lock()
		settled := len(owned[0]) == 2 && len(owned[1]) == 2 && len(owned[2]) == 2
		lock.Unlock()
		if settled {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func franzTransactions(brokers []string) error {
	const topic = "franz-transactions"
	if _, err := franzCreate(brokers, topic, 1); err != nil {
		return err
	}
	client, err := franz(brokers, kgo.TransactionalID(topic))
	if err != nil {
		return err
	}
	defer client.Close()
	for _, value := range []string{"first", "aborted", "last"} {
		if err := client.BeginTransaction(); err != nil {
			return err
		}
		for range 3 {
			if err := client.ProduceSync(background, &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr(); err != nil {
				return err
			}
		}
		if err := client.EndTransaction(background, kgo.TransactionEndTry(value != "aborted")); err != nil {
			return err
		}
	}
	read, err := franzRead(brokers, topic, 6, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		return err
	}
	var found []string
	for _, record := range read {
		found = append(found, string(record.Value))
	}
	return equal(found, []string{"first", "first", "first", "last", "last", "last"})
}

func franzLarge(brokers []string) error {
	const topic = "franz-large"
	if _, err := franzCreate(brokers, topic, 1); err != nil {
		return err
	}
	client, err := franz(brokers, kgo.ProducerBatchMaxBytes(5_000_000), kgo.ProducerBatchCompression(kgo.NoCompression()))
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.ProduceSync(background, &kgo.Record{Topic: topic, Value: make([]byte, 1_000_000)}).FirstErr(); err != nil {
		return err
	}
	err = client.ProduceSync(background, &kgo.Record{Topic: topic, Value: make([]byte, 2_000_000)}).FirstErr()
	if !errors.Is(err, kerr.MessageTooLarge) {
		return fmt.Errorf("a record beyond the limit gives %v", err)
	}
	return nil
}

func franzAdministration(brokers []string) error {
	const topic, group = "franz-admin", "franz-admin-group"
	admin, err := franzCreate(brokers, topic, 2)
	if err != nil {
		return err
	}
	value := "123456"
	altered, err := admin.AlterTopicConfigs(background, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &value}}, topic)
	if err != nil || altered[0].Err != nil {
		return fmt.Errorf("alter: %w %+v", err, altered)
	}
	described, err := admin.DescribeTopicConfigs(background, topic)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(described[0].Configs, func(config kadm.Config) bool {
		return config.Key == "retention.ms" && config.MaybeValue() == value
	}) {
		return fmt.Errorf("configs are %+v", described)
	}
	if grown, err := admin.UpdatePartitions(background, 4, topic); err != nil || grown.Error() != nil {
		return fmt.Errorf("partitions: %w %+v", err, grown)
	}
	var offsets kadm.Offsets
	offsets.AddOffset(topic, 0, 0, -1)
	if err := admin.CommitAllOffsets(background, group, offsets); err != nil {
		return err
	}
	lag, err := admin.Lag(background, group)
	if err != nil || lag.Error() != nil {
		return fmt.Errorf("lag: %w %w", err, lag.Error())
	}
	if _, err := admin.DeleteGroup(background, group); err != nil {
		return err
	}
	if _, err := admin.DeleteGroup(background, group); !errors.Is(err, kerr.GroupIDNotFound) {
		return fmt.Errorf("a group that is gone is deleted with %v", err)
	}
	logs, err := admin.DescribeAllLogDirs(background, nil)
	if err != nil || len(logs) != 3 {
		return fmt.Errorf("log directories: %w %+v", err, logs)
	}
	if _, err := admin.ListTransactions(background, nil, nil); err != nil {
		return err
	}
	_, err = admin.DeleteTopic(background, topic)
	return err
}
