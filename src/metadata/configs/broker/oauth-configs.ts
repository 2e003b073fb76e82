import { bool, className, int, list, long, password, string } from '../config-key.ts';
import { between, oneOfIgnoringCase } from '../config-valid.ts';

/** Sign-in with bearer tokens. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const oauthConfigs = [
  bool('sasl.oauthbearer.allow.unverified.audience', false, 'Whether a token without a checked audience is taken.'),
  bool('sasl.oauthbearer.allow.unverified.issuer', false, 'Whether a token without a checked issuer is taken.'),
  string('sasl.oauthbearer.assertion.algorithm', 'RS256', 'The algorithm that signs an assertion.', { valid: oneOfIgnoringCase('ES256', 'RS256') }),
  string('sasl.oauthbearer.assertion.claim.aud', null, 'The audience of an assertion.'),
  int('sasl.oauthbearer.assertion.claim.exp.seconds', 300, 'How long an assertion is valid.', { importance: 'LOW', valid: between(0, 86_400) }),
  string('sasl.oauthbearer.assertion.claim.iss', null, 'The issuer of an assertion.'),
  bool('sasl.oauthbearer.assertion.claim.jti.include', false, 'Whether an assertion has an id of its own.'),
  int('sasl.oauthbearer.assertion.claim.nbf.seconds', 60, "How far in the past an assertion's validity begins.", { importance: 'LOW', valid: between(0, 3600) }),
  string('sasl.oauthbearer.assertion.claim.sub', null, 'The subject of an assertion.'),
  string('sasl.oauthbearer.assertion.file', null, 'A file with a ready assertion.'),
  string('sasl.oauthbearer.assertion.private.key.file', null, 'The private key that signs assertions.'),
  password('sasl.oauthbearer.assertion.private.key.passphrase', null, 'The passphrase of that key.'),
  string('sasl.oauthbearer.assertion.template.file', null, 'A template of headers and claims of assertions.'),
  string('sasl.oauthbearer.client.credentials.client.id', null, 'The id of the client-credentials grant.'),
  password('sasl.oauthbearer.client.credentials.client.secret', null, 'The secret of the client-credentials grant.'),
  int('sasl.oauthbearer.clock.skew.seconds', 30, 'How far the clocks of issuer and broker may differ.', { importance: 'LOW' }),
  list('sasl.oauthbearer.expected.audience', '', 'Audiences a token must be for.', { importance: 'HIGH' }),
  string('sasl.oauthbearer.expected.issuer', null, 'The issuer a token must come from.', { importance: 'HIGH' }),
  long('sasl.oauthbearer.jwks.endpoint.refresh.ms', 3_600_000, "How often the issuer's keys are fetched.", { importance: 'LOW' }),
  long('sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms', 10_000, 'The longest wait before fetching keys is tried again.', { importance: 'LOW' }),
  long('sasl.oauthbearer.jwks.endpoint.retry.backoff.ms', 100, 'The first wait before fetching keys is tried again.', { importance: 'LOW' }),
  string('sasl.oauthbearer.jwks.endpoint.url', null, "Where the issuer's keys are."),
  className('sasl.oauthbearer.jwt.retriever.class', 'org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever', 'The class that gets tokens.'),
  className('sasl.oauthbearer.jwt.validator.class', 'org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator', 'The class that checks tokens.'),
  string('sasl.oauthbearer.scope', null, 'The scope to ask for.'),
  string('sasl.oauthbearer.scope.claim.name', 'scope', 'The claim that holds the scope.', { importance: 'LOW' }),
  string('sasl.oauthbearer.sub.claim.name', 'sub', 'The claim that holds the subject.', { importance: 'LOW' }),
  string('sasl.oauthbearer.token.endpoint.url', null, 'Where tokens are issued.'),
];
