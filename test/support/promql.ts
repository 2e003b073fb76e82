import { parser } from '@prometheus-io/lezer-promql';

/**
 * What an expression asks Prometheus for: the name of a metric, and the labels that samples of it must have.
 */
export interface Selector {
  readonly name: string;
  /** Only those that are compared for equality; one that is "" may be missing. */
  readonly labels: ReadonlyMap<string, string>;
}

/**
 * By the grammar of Prometheus itself. Throws for what it does not allow. Grafana's own intervals are taken
 * as a minute.
 */
export function selectors(expression: string): Selector[] {
  const text = expression.replaceAll('$__rate_interval', '1m');
  const found: { name: string; labels: Map<string, string> }[] = [];
  let label = '';
  let isEqual = false;
  parser.parse(text).iterate({
    enter({ name, type, from, to }) {
      const part = text.slice(from, to);
      if (type.isError) throw new Error(`not PromQL at ${from}: ${text}`);
      if (name === 'Identifier') found.push({ name: part, labels: new Map() });
      if (name === 'LabelName') label = part;
      if (name === 'MatchOp') isEqual = part === '=';
      if (name === 'StringLiteral' && isEqual) found.at(-1)?.labels.set(label, part.slice(1, -1));
    },
  });
  return found;
}
