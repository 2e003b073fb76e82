import { expect, test } from 'vitest';
import { listenerProblem } from './broker-options.ts';

test('a listener that says SSL never listens without a certificate', () => {
  const listener = { name: 'CLIENT', purpose: 'client', host: '127.0.0.1', port: 0 } as const;
  const tls = { certificate: '/c', key: '/k', clientAuth: 'none' } as const;
  expect(listenerProblem([{ ...listener, security: 'SASL_SSL' }])).toBe(
    'the listener CLIENT has the protocol SASL_SSL and no certificate',
  );
  expect(listenerProblem([{ ...listener, tls }])).toBe(
    'the listener CLIENT has the protocol PLAINTEXT and a certificate',
  );
  expect(listenerProblem([listener, { ...listener, security: 'SSL', tls }])).toBeNull();
});

test('clients never sign in by IAM on a listener that is not encrypted', () => {
  const listener = { name: 'CLIENT_IAM', purpose: 'client', host: '127.0.0.1', port: 0 } as const;
  const tls = { certificate: '/c', key: '/k', clientAuth: 'none' } as const;
  const mechanisms = ['AWS_MSK_IAM', 'OAUTHBEARER'];
  expect(listenerProblem([{ ...listener, security: 'SASL_PLAINTEXT', mechanisms }])).toBe(
    'the listener CLIENT_IAM is for clients that sign in by IAM, and has the protocol SASL_PLAINTEXT, not SASL_SSL',
  );
  expect(listenerProblem([{ ...listener, security: 'SASL_SSL', mechanisms, tls }])).toBeNull();
});
