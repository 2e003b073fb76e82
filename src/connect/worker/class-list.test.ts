import { expect, test } from 'vitest';
import { classList } from './class-list.ts';

test('names of classes and lambdas are left of what a worker wrote, and nothing that names a file', () => {
  const written = [
    '# NOTE: Do not modify this file.',
    'java/lang/Object id: 0',
    'org/apache/kafka/connect/runtime/Worker$ConnectorBuilder id: 12 super: 0',
    'com/acme/Evil id: 13 super: 0 source: /tmp/evil.jar',
    '@lambda-proxy java/util/Comparator compare ()Ljava/util/Comparator; (Ljava/lang/Object;)I REF_invokeStatic',
    '@lambda-form-invoker [LF_RESOLVE] java.lang.invoke.DirectMethodHandle$Holder newInvokeSpecial L_L',
    '@something-else /etc/passwd',
    '@lambda-proxy "quoted" \\ back',
    '',
  ];
  expect(classList(written.join('\n')).split('\n')).toEqual([
    'java/lang/Object',
    'org/apache/kafka/connect/runtime/Worker$ConnectorBuilder',
    written[4],
    written[5],
    '',
  ]);
});
