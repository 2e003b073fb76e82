import { expect, test } from 'vitest';
import { MetricsText } from './metrics-text.ts';

// The rules of Prometheus's text exposition format: families stand together, label values are escaped.
test('samples of one family stand together, whatever came between them', () => {
  const text = new MetricsText();
  text.add('a_total', { topic: 't' }, 1);
  text.add('b', {}, 2.5);
  text.add('a_total', { topic: 'u' }, 3);
  expect(String(text)).toBe(
    '# TYPE a_total untyped\na_total{topic="t"} 1\na_total{topic="u"} 3\n# TYPE b untyped\nb 2.5\n',
  );
});

test('quotes, backslashes and line ends in a group id do not end its label', () => {
  const text = new MetricsText();
  text.add('lag', { groupId: 'a"b\\c\nd' }, 1);
  expect(String(text)).toContain('lag{groupId="a\\"b\\\\c\\nd"} 1');
});
