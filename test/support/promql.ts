import { parser } from '@prometheus-io/lezer-promql';

/** A selector of an expression: the name of a metric, and the labels that its samples must have. */
export interface Selector {
  readonly name: string;
  /** Only labels that are compared for equality; a label compared with "" may be missing. */
  readonly labels: ReadonlyMap<string, string>;
}

/**
 * Parses with Prometheus's own grammar; throws if that does not allow the expression. Grafana's interval
 * variables count as a minute.
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
