import { describe, expect, test } from 'vitest';
import { topicProblems } from './topic-choice.ts';

// The texts are those of Kafka Connect's SinkConnectorConfig.validate.
describe('which topics a sink reads', () => {
  const MISSING = 'Must configure one of topics or topics.regex.';
  test.each([
    ['names', { topics: 'a,b' }],
    ['a pattern', { 'topics.regex': 'a.*' }],
    ['names and an empty pattern', { topics: 'a', 'topics.regex': ' ' }],
    ['an empty list and a pattern', { topics: ' , ', 'topics.regex': 'a.*' }],
    [
      'a dead-letter queue that is not among them',
      { topics: 'a', 'errors.deadletterqueue.topic.name': 'dead' },
    ],
    [
      'one whose name is only like that of a topic',
      { topics: 'a-dead', 'errors.deadletterqueue.topic.name': 'dead' },
    ],
    [
      'one that a pattern matches a part of',
      { 'topics.regex': 'a', 'errors.deadletterqueue.topic.name': 'a-dead' },
    ],
  ])('can be said by %s', (_, texts) => {
    expect(topicProblems(texts)).toEqual([]);
  });

  test.each([
    ['neither names nor a pattern', {}, 'topics', MISSING],
    ['only commas', { topics: ',' }, 'topics', MISSING],
    [
      'names and a pattern',
      { topics: 'a', 'topics.regex': 'b' },
      'topics.regex',
      'topics and topics.regex are mutually exclusive options, but both are set.',
    ],
    [
      'the dead-letter queue by name',
      { topics: 'a, dead', 'errors.deadletterqueue.topic.name': ' dead ' },
      'topics',
      "The DLQ topic 'dead' may not be included in the list of topics ('topics=[a, dead]') consumed by the connector.",
    ],
    [
      'the dead-letter queue by a pattern',
      { 'topics.regex': '.*', 'errors.deadletterqueue.topic.name': 'dead' },
      'topics.regex',
      "The DLQ topic 'dead' may not be matched by the regex for the topics ('topics.regex=.*') consumed by the connector.",
    ],
  ])('cannot be said by %s', (_, texts, property, message) => {
    expect(topicProblems(texts)).toEqual([{ property, message }]);
  });

  test('a pattern that is none is not asked for the dead-letter queue: it is a problem of its own', () => {
    expect(topicProblems({ 'topics.regex': '[', 'errors.deadletterqueue.topic.name': 'dead' })).toEqual([]);
  });
});
