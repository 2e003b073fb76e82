import type { ConfigProblem } from './kernel/config.ts';
import { javaPattern } from './kernel/java-pattern.ts';

type Texts = Readonly<Record<string, string>>;

/**
 * What is wrong with which topics a sink reads, in Kafka Connect's words: one of two properties says it, and
 * its dead-letter queue is not among them.
 */
export function topicProblems(texts: Texts): readonly ConfigProblem[] {
  const names = (texts.topics ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  const regex = texts['topics.regex'] ?? '';
  const hasRegex = regex.trim() !== '';
  const queue = (texts['errors.deadletterqueue.topic.name'] ?? '').trim();
  const problems: ConfigProblem[] = [];
  if (names.length === 0 && !hasRegex)
    problems.push({ property: 'topics', message: 'Must configure one of topics or topics.regex.' });
  if (names.length > 0 && hasRegex)
    problems.push({
      property: 'topics.regex',
      message: 'topics and topics.regex are mutually exclusive options, but both are set.',
    });
  if (queue !== '' && names.includes(queue))
    problems.push({
      property: 'topics',
      message: `The DLQ topic '${queue}' may not be included in the list of topics ('topics=[${names.join(', ')}]') consumed by the connector.`,
    });
  const pattern = hasRegex ? javaPattern(regex) : null;
  if (queue !== '' && pattern && !('problem' in pattern) && pattern.matches(queue))
    problems.push({
      property: 'topics.regex',
      message: `The DLQ topic '${queue}' may not be matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector.`,
    });
  return problems;
}
