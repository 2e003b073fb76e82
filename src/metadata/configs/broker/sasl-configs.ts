import { className, double, int, list, long, password, short, string } from '../config-key.ts';
import { atStart, noEffect, refused } from '../config-obedience.ts';
import { atLeast, noEmptyValues, oneOf } from '../config-valid.ts';
import { noDelegationTokens, noJavaClasses, noKerberos, onlyScram } from '../not-built.ts';

/** Sign-in and who may do what. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const saslConfigs = {
  authorizerClassName: string('authorizer.class.name', '', 'The authorizer; StandardAuthorizer keeps ACLs, without one everybody may do everything.', atStart, { importance: 'LOW', valid: oneOf('', 'org.apache.kafka.metadata.authorizer.StandardAuthorizer') }),
  connectionFailedAuthenticationDelayMs: int('connection.failed.authentication.delay.ms', 100, 'How long the answer to a failed sign-in is held back.', atStart, { importance: 'LOW', valid: atLeast(0) }),
  connectionsMaxReauthMs: long('connections.max.reauth.ms', 0, 'Time after which a SASL connection has to sign in again; 0 for never.', atStart),
  delegationTokenExpiryCheckIntervalMs: long('delegation.token.expiry.check.interval.ms', 3_600_000, 'How often expired delegation tokens are removed.', refused(noDelegationTokens), { importance: 'LOW', valid: atLeast(1) }),
  delegationTokenExpiryTimeMs: long('delegation.token.expiry.time.ms', 86_400_000, 'How long a delegation token lives unless it is renewed.', refused(noDelegationTokens), { valid: atLeast(1) }),
  delegationTokenMaxLifetimeMs: long('delegation.token.max.lifetime.ms', 604_800_000, 'How long a delegation token can live at most.', refused(noDelegationTokens), { valid: atLeast(1) }),
  delegationTokenSecretKey: password('delegation.token.secret.key', null, 'The secret that signs delegation tokens.', refused(noDelegationTokens)),
  principalBuilderClass: className('principal.builder.class', 'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder', 'The class that makes a principal of an authenticated connection.', refused(noJavaClasses), { dynamic: 'per-broker' }),
  saslClientCallbackHandlerClass: className('sasl.client.callback.handler.class', null, 'Callback handler of SASL clients.', refused(onlyScram)),
  saslEnabledMechanisms: list('sasl.enabled.mechanisms', 'GSSAPI', 'SASL mechanisms that clients may use.', refused(onlyScram), { dynamic: 'per-broker' }),
  saslJaasConfig: password('sasl.jaas.config', null, 'The JAAS login of a listener and mechanism.', refused(onlyScram), { dynamic: 'per-broker' }),
  saslKerberosKinitCmd: string('sasl.kerberos.kinit.cmd', '/usr/bin/kinit', 'The kinit command.', noEffect(noKerberos), { dynamic: 'per-broker' }),
  saslKerberosMinTimeBeforeRelogin: long('sasl.kerberos.min.time.before.relogin', 60_000, 'Least time between two attempts to refresh a ticket.', noEffect(noKerberos), { dynamic: 'per-broker' }),
  saslKerberosPrincipalToLocalRules: list('sasl.kerberos.principal.to.local.rules', 'DEFAULT', 'Rules that make short names of Kerberos principals.', noEffect(noKerberos), { dynamic: 'per-broker', valid: noEmptyValues }),
  saslKerberosServiceName: string('sasl.kerberos.service.name', null, 'The Kerberos name the brokers run as.', noEffect(noKerberos), { dynamic: 'per-broker' }),
  saslKerberosTicketRenewJitter: double('sasl.kerberos.ticket.renew.jitter', 0.05, 'How much the time of renewal varies.', noEffect(noKerberos), { dynamic: 'per-broker' }),
  saslKerberosTicketRenewWindowFactor: double('sasl.kerberos.ticket.renew.window.factor', 0.8, "The share of a ticket's life after which it is renewed.", noEffect(noKerberos), { dynamic: 'per-broker' }),
  saslLoginCallbackHandlerClass: className('sasl.login.callback.handler.class', null, 'Callback handler of SASL logins.', refused(onlyScram)),
  saslLoginClass: className('sasl.login.class', null, 'The class that logs in.', refused(onlyScram)),
  saslLoginConnectTimeoutMs: int('sasl.login.connect.timeout.ms', null, 'How long a login waits to connect to its provider.', refused(onlyScram), { importance: 'LOW' }),
  saslLoginReadTimeoutMs: int('sasl.login.read.timeout.ms', null, "How long a login waits for its provider's answer.", refused(onlyScram), { importance: 'LOW' }),
  saslLoginRefreshBufferSeconds: short('sasl.login.refresh.buffer.seconds', 300, 'Time left of a token when it is refreshed at the latest.', refused(onlyScram), { dynamic: 'per-broker' }),
  saslLoginRefreshMinPeriodSeconds: short('sasl.login.refresh.min.period.seconds', 60, 'Least time between two refreshes of a token.', refused(onlyScram), { dynamic: 'per-broker' }),
  saslLoginRefreshWindowFactor: double('sasl.login.refresh.window.factor', 0.8, "The share of a token's life after which it is refreshed.", refused(onlyScram), { dynamic: 'per-broker' }),
  saslLoginRefreshWindowJitter: double('sasl.login.refresh.window.jitter', 0.05, 'How much the time of the refresh varies.', refused(onlyScram), { dynamic: 'per-broker' }),
  saslLoginRetryBackoffMaxMs: long('sasl.login.retry.backoff.max.ms', 10_000, 'The longest wait before a login is tried again.', refused(onlyScram), { importance: 'LOW' }),
  saslLoginRetryBackoffMs: long('sasl.login.retry.backoff.ms', 100, 'The first wait before a login is tried again.', refused(onlyScram), { importance: 'LOW' }),
  saslMechanismControllerProtocol: string('sasl.mechanism.controller.protocol', 'GSSAPI', 'The SASL mechanism towards controllers.', refused(onlyScram), { importance: 'HIGH' }),
  saslMechanismInterBrokerProtocol: string('sasl.mechanism.inter.broker.protocol', 'GSSAPI', 'The SASL mechanism between brokers.', refused(onlyScram), { dynamic: 'per-broker' }),
  saslServerCallbackHandlerClass: className('sasl.server.callback.handler.class', null, 'Callback handler of SASL servers.', refused(onlyScram)),
  saslServerMaxReceiveSize: int('sasl.server.max.receive.size', 524_288, 'The largest message before sign-in.', atStart),
  securityInterBrokerProtocol: string('security.inter.broker.protocol', 'PLAINTEXT', 'The security protocol between brokers, where no listener is named for it.', refused(onlyScram), { valid: oneOf('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL') }),
  securityProviders: string('security.providers', null, 'Java security providers to add.', refused(noJavaClasses), { importance: 'LOW' }),
} as const;
