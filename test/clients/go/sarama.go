package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

func saramaConfig() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Net.MaxOpenRequests = 1
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	// By itself a broker gives up what it administers after 3 s and a write after 10 s, and a group its members after 10 s.
	config.Admin.Timeout = patience
	config.Producer.Timeout = patience
	config.Consumer.Group.Session.Timeout = patience
	config.Net.ReadTimeout = 2 * patience
	return config
}

func saramaCreate(brokers []string, topic string, partitions int32) (sarama.ClusterAdmin, error) {
	admin, err := sarama.NewClusterAdmin(brokers, saramaConfig())
	if err != nil {
		return nil, err
	}
	return admin, admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 3}, false)
}

// The values of partition 0, until that many were read.
func saramaRead(brokers []string, topic string, count int) ([]string, error) {
	config := saramaConfig()
	config.Consumer.IsolationLevel = sarama.ReadCommitted
	consumer, err := sarama.NewConsumer(brokers, config)
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	if err != nil {
		return nil, err
	}
	var values []string
	for message := range partition.Messages() {
		values = append(values, string(message.Value))
		if len(values) == count {
			break
		}
	}
	return values, nil
}

func saramaRecords(brokers []string) error {
	const topic = "sarama-records"
	if _, err := saramaCreate(brokers, topic, 1); err != nil {
		return err
	}
	var expected []string
	for _, codec := range []sarama.CompressionCodec{sarama.CompressionNone, sarama.CompressionGZIP, sarama.CompressionSnappy, sarama.CompressionLZ4, sarama.CompressionZSTD} {
		config := saramaConfig()
		config.Producer.Idempotent = true
		config.Producer.Compression = codec
		producer, err := sarama.NewSyncProducer(brokers, config)
		if err != nil {
			return err
		}
		var messages []*sarama.ProducerMessage
		for range 200 {
			value := fmt.Sprintf("value %d", len(expected))
			expected = append(expected, value)
			messages = append(messages, &sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(value), Headers: []sarama.RecordHeader{{Key: []byte("name")}}})
		}
		if err := producer.SendMessages(messages); err != nil {
			return err
		}
		if err := producer.Close(); err != nil {
			return err
		}
	}
	found, err := saramaRead(brokers, topic, len(expected))
	if err != nil {
		return err
	}
	return equal(found, expected)
}

type saramaMember struct {
	lock  sync.Mutex
	owned []int32
}

func (member *saramaMember) set(owned []int32) {
	member.lock.Lock()
	defer member.lock.Unlock()
	member.owned = slices.Clone(owned)
}
func (member *saramaMember) get() []int32 {
	member.lock.Lock()
	defer member.lock.Unlock()
	return member.owned
}
func (member *saramaMember) Setup(session sarama.ConsumerGroupSession) error {
	for _, partitions := range session.Claims() {
		member.set(partitions)
	}
	return nil
}
func (member *saramaMember) Cleanup(sarama.ConsumerGroupSession) error { member.set(nil); return nil }
func (member *saramaMember) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		session.MarkMessage(message, "")
	}
	return nil
}

func saramaGroup(brokers []string) error {
	const topic = "sarama-group"
	if _, err := saramaCreate(brokers, topic, 6); err != nil {
		return err
	}
	members := []*saramaMember{{}, {}, {}}
	for _, member := range members {
		config := saramaConfig()
		config.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
		config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyRange()}
		group, err := sarama.NewConsumerGroup(brokers, topic, config)
		if err != nil {
			return err
		}
		defer group.Close()
		go func() {
			for group.Consume(context.Background(), []string{topic}, member) == nil {
			}
		}()
	}
	for {
		var owned []int32
		alone := false
		for _, member := range members {
			owned = append(owned, member.get()...)
			alone = alone || len(member.get()) == 0
		}
		slices.Sort(owned)
		if !alone && slices.Equal(owned, []int32{0, 1, 2, 3, 4, 5}) {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func saramaTransactions(brokers []string) error {
	const topic = "sarama-transactions"
	if _, err := saramaCreate(brokers, topic, 1); err != nil {
		return err
	}
	config := saramaConfig()
	config.Producer.Idempotent = true
	config.Producer.Transaction.ID = topic
	producer, err := sarama.NewSyncProducer(brokers, config)
	if err != nil {
		return err
	}
	defer producer.Close()
	for _, value := range []string{"first", "aborted", "last"} {
		if err := producer.BeginTxn(); err != nil {
			return err
		}
		for range 3 {
			if _, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(value)}); err != nil {
				return err
			}
		}
		end := producer.CommitTxn
		if value == "aborted" {
			end = producer.AbortTxn
		}
		if err := end(); err != nil {
			return err
		}
	}
	found, err := saramaRead(brokers, topic, 6)
	if err != nil {
		return err
	}
	return equal(found, []string{"first", "first", "first", "last", "last", "last"})
}

func saramaAdministration(brokers []string) error {
	const topic = "sarama-admin"
	admin, err := saramaCreate(brokers, topic, 2)
	if err != nil {
		return err
	}
	value := "123456"
	change := map[string]sarama.IncrementalAlterConfigsEntry{"retention.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value}}
	if err := admin.IncrementalAlterConfig(sarama.TopicResource, topic, change, false); err != nil {
		return err
	}
	configs, err := admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"retention.ms"}})
	if err != nil || len(configs) != 1 || configs[0].Value != value {
		return fmt.Errorf("configs: %w %+v", err, configs)
	}
	if err := admin.CreatePartitions(topic, 4, nil, false); err != nil {
		return err
	}
	topics, err := admin.DescribeTopics([]string{topic})
	if err != nil || len(topics) != 1 || len(topics[0].Partitions) != 4 {
		return fmt.Errorf("topics: %w %+v", err, topics)
	}
	if err := admin.DeleteRecords(topic, map[int32]int64{0: 0}); err != nil {
		return err
	}
	groups, err := admin.DescribeConsumerGroups([]string{"sarama-no-group"})
	if err != nil || groups[0].State != "Dead" {
		return fmt.Errorf("groups: %w %+v", err, groups)
	}
	nodes, _, err := admin.DescribeCluster()
	if err != nil || len(nodes) != 3 {
		return fmt.Errorf("cluster: %w %+v", err, nodes)
	}
	return admin.DeleteTopic(topic)
}
