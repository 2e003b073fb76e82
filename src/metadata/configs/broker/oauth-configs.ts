import { bool, className, int, list, long, password, string } from '../config-key.ts';
import { refused } from '../config-obedience.ts';
import { between, oneOfIgnoringCase } from '../config-valid.ts';
import { noSignIn } from '../not-built.ts';

/** Sign-in with bearer tokens. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const oauthConfigs = {
  saslOauthbearerAssertionAlgorithm: string('sasl.oauthbearer.assertion.algorithm', 'RS256', 'The algorithm that signs an assertion.', refused(noSignIn), { valid: oneOfIgnoringCase('ES256', 'RS256') }),
  saslOauthbearerAssertionClaimAud: string('sasl.oauthbearer.assertion.claim.aud', null, 'The audience of an assertion.', refused(noSignIn)),
  saslOauthbearerAssertionClaimExpSeconds: int('sasl.oauthbearer.assertion.claim.exp.seconds', 300, 'How long an assertion is valid.', refused(noSignIn), { importance: 'LOW', valid: between(0, 86_400) }),
  saslOauthbearerAssertionClaimIss: string('sasl.oauthbearer.assertion.claim.iss', null, 'The issuer of an assertion.', refused(noSignIn)),
  saslOauthbearerAssertionClaimJtiInclude: bool('sasl.oauthbearer.assertion.claim.jti.include', false, 'Whether an assertion has an id of its own.', refused(noSignIn)),
  saslOauthbearerAssertionClaimNbfSeconds: int('sasl.oauthbearer.assertion.claim.nbf.seconds', 60, "How far in the past an assertion's validity begins.", refused(noSignIn), { importance: 'LOW', valid: between(0, 3600) }),
  saslOauthbearerAssertionClaimSub: string('sasl.oauthbearer.assertion.claim.sub', null, 'The subject of an assertion.', refused(noSignIn)),
  saslOauthbearerAssertionFile: string('sasl.oauthbearer.assertion.file', null, 'A file with a ready assertion.', refused(noSignIn)),
  saslOauthbearerAssertionPrivateKeyFile: string('sasl.oauthbearer.assertion.private.key.file', null, 'The private key that signs assertions.', refused(noSignIn)),
  saslOauthbearerAssertionPrivateKeyPassphrase: password('sasl.oauthbearer.assertion.private.key.passphrase', null, 'The passphrase of that key.', refused(noSignIn)),
  saslOauthbearerAssertionTemplateFile: string('sasl.oauthbearer.assertion.template.file', null, 'A template of headers and claims of assertions.', refused(noSignIn)),
  saslOauthbearerClientCredentialsClientId: string('sasl.oauthbearer.client.credentials.client.id', null, 'The id of the client-credentials grant.', refused(noSignIn)),
  saslOauthbearerClientCredentialsClientSecret: password('sasl.oauthbearer.client.credentials.client.secret', null, 'The secret of the client-credentials grant.', refused(noSignIn)),
  saslOauthbearerClockSkewSeconds: int('sasl.oauthbearer.clock.skew.seconds', 30, 'How far the clocks of issuer and broker may differ.', refused(noSignIn), { importance: 'LOW' }),
  saslOauthbearerExpectedAudience: list('sasl.oauthbearer.expected.audience', '', 'Audiences a token must be for.', refused(noSignIn), { importance: 'HIGH' }),
  saslOauthbearerExpectedIssuer: string('sasl.oauthbearer.expected.issuer', null, 'The issuer a token must come from.', refused(noSignIn), { importance: 'HIGH' }),
  saslOauthbearerJwksEndpointRefreshMs: long('sasl.oauthbearer.jwks.endpoint.refresh.ms', 3_600_000, "How often the issuer's keys are fetched.", refused(noSignIn), { importance: 'LOW' }),
  saslOauthbearerJwksEndpointRetryBackoffMaxMs: long('sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms', 10_000, 'The longest wait before fetching keys is tried again.', refused(noSignIn), { importance: 'LOW' }),
  saslOauthbearerJwksEndpointRetryBackoffMs: long('sasl.oauthbearer.jwks.endpoint.retry.backoff.ms', 100, 'The first wait before fetching keys is tried again.', refused(noSignIn), { importance: 'LOW' }),
  saslOauthbearerJwksEndpointUrl: string('sasl.oauthbearer.jwks.endpoint.url', null, "Where the issuer's keys are.", refused(noSignIn)),
  saslOauthbearerJwtRetrieverClass: className('sasl.oauthbearer.jwt.retriever.class', 'org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever', 'The class that gets tokens.', refused(noSignIn)),
  saslOauthbearerJwtValidatorClass: className('sasl.oauthbearer.jwt.validator.class', 'org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator', 'The class that checks tokens.', refused(noSignIn)),
  saslOauthbearerScope: string('sasl.oauthbearer.scope', null, 'The scope to ask for.', refused(noSignIn)),
  saslOauthbearerScopeClaimName: string('sasl.oauthbearer.scope.claim.name', 'scope', 'The claim that holds the scope.', refused(noSignIn), { importance: 'LOW' }),
  saslOauthbearerSubClaimName: string('sasl.oauthbearer.sub.claim.name', 'sub', 'The claim that holds the subject.', refused(noSignIn), { importance: 'LOW' }),
  saslOauthbearerTokenEndpointUrl: string('sasl.oauthbearer.token.endpoint.url', null, 'Where tokens are issued.', refused(noSignIn)),
} as const;
