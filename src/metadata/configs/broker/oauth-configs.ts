import { bool, className, int, list, long, password, string } from '../config-key.ts';
import { refused } from '../config-obedience.ts';
import { between, oneOfIgnoringCase } from '../config-valid.ts';
import { onlyScram } from '../not-built.ts';

/** Sign-in with bearer tokens. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const oauthConfigs = {
  saslOauthbearerAssertionAlgorithm: string('sasl.oauthbearer.assertion.algorithm', 'RS256', 'The algorithm that signs an assertion.', refused(onlyScram), { valid: oneOfIgnoringCase('ES256', 'RS256') }),
  saslOauthbearerAssertionClaimAud: string('sasl.oauthbearer.assertion.claim.aud', null, 'The audience of an assertion.', refused(onlyScram)),
  saslOauthbearerAssertionClaimExpSeconds: int('sasl.oauthbearer.assertion.claim.exp.seconds', 300, 'How long an assertion is valid.', refused(onlyScram), { importance: 'LOW', valid: between(0, 86_400) }),
  saslOauthbearerAssertionClaimIss: string('sasl.oauthbearer.assertion.claim.iss', null, 'The issuer of an assertion.', refused(onlyScram)),
  saslOauthbearerAssertionClaimJtiInclude: bool('sasl.oauthbearer.assertion.claim.jti.include', false, 'Whether an assertion has an id of its own.', refused(onlyScram)),
  saslOauthbearerAssertionClaimNbfSeconds: int('sasl.oauthbearer.assertion.claim.nbf.seconds', 60, "How far in the past an assertion's validity begins.", refused(onlyScram), { importance: 'LOW', valid: between(0, 3600) }),
  saslOauthbearerAssertionClaimSub: string('sasl.oauthbearer.assertion.claim.sub', null, 'The subject of an assertion.', refused(onlyScram)),
  saslOauthbearerAssertionFile: string('sasl.oauthbearer.assertion.file', null, 'A file with a ready assertion.', refused(onlyScram)),
  saslOauthbearerAssertionPrivateKeyFile: string('sasl.oauthbearer.assertion.private.key.file', null, 'The private key that signs assertions.', refused(onlyScram)),
  saslOauthbearerAssertionPrivateKeyPassphrase: password('sasl.oauthbearer.assertion.private.key.passphrase', null, 'The passphrase of that key.', refused(onlyScram)),
  saslOauthbearerAssertionTemplateFile: string('sasl.oauthbearer.assertion.template.file', null, 'A template of headers and claims of assertions.', refused(onlyScram)),
  saslOauthbearerClientCredentialsClientId: string('sasl.oauthbearer.client.credentials.client.id', null, 'The id of the client-credentials grant.', refused(onlyScram)),
  saslOauthbearerClientCredentialsClientSecret: password('sasl.oauthbearer.client.credentials.client.secret', null, 'The secret of the client-credentials grant.', refused(onlyScram)),
  saslOauthbearerClockSkewSeconds: int('sasl.oauthbearer.clock.skew.seconds', 30, 'How far the clocks of issuer and broker may differ.', refused(onlyScram), { importance: 'LOW' }),
  saslOauthbearerExpectedAudience: list('sasl.oauthbearer.expected.audience', '', 'Audiences a token must be for.', refused(onlyScram), { importance: 'HIGH' }),
  saslOauthbearerExpectedIssuer: string('sasl.oauthbearer.expected.issuer', null, 'The issuer a token must come from.', refused(onlyScram), { importance: 'HIGH' }),
  saslOauthbearerJwksEndpointRefreshMs: long('sasl.oauthbearer.jwks.endpoint.refresh.ms', 3_600_000, "How often the issuer's keys are fetched.", refused(onlyScram), { importance: 'LOW' }),
  saslOauthbearerJwksEndpointRetryBackoffMaxMs: long('sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms', 10_000, 'The longest wait before fetching keys is tried again.', refused(onlyScram), { importance: 'LOW' }),
  saslOauthbearerJwksEndpointRetryBackoffMs: long('sasl.oauthbearer.jwks.endpoint.retry.backoff.ms', 100, 'The first wait before fetching keys is tried again.', refused(onlyScram), { importance: 'LOW' }),
  saslOauthbearerJwksEndpointUrl: string('sasl.oauthbearer.jwks.endpoint.url', null, "Where the issuer's keys are.", refused(onlyScram)),
  saslOauthbearerJwtRetrieverClass: className('sasl.oauthbearer.jwt.retriever.class', 'org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever', 'The class that gets tokens.', refused(onlyScram)),
  saslOauthbearerJwtValidatorClass: className('sasl.oauthbearer.jwt.validator.class', 'org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator', 'The class that checks tokens.', refused(onlyScram)),
  saslOauthbearerScope: string('sasl.oauthbearer.scope', null, 'The scope to ask for.', refused(onlyScram)),
  saslOauthbearerScopeClaimName: string('sasl.oauthbearer.scope.claim.name', 'scope', 'The claim that holds the scope.', refused(onlyScram), { importance: 'LOW' }),
  saslOauthbearerSubClaimName: string('sasl.oauthbearer.sub.claim.name', 'sub', 'The claim that holds the subject.', refused(onlyScram), { importance: 'LOW' }),
  saslOauthbearerTokenEndpointUrl: string('sasl.oauthbearer.token.endpoint.url', null, 'Where tokens are issued.', refused(onlyScram)),
} as const;
