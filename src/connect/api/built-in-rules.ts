import { builtIn } from '../../connectors/catalogue.ts';
import { connectorProblems, propertyTypes, workerProblems } from '../../connectors/connector-problems.ts';
import { type ApiError, badRequest } from '../../control/aws/api-error.ts';

type Texts = Readonly<Record<string, string>>;

/**
 * The types of a built-in connector's properties, in Kafka's words; or why it cannot have this configuration,
 * all that is wrong with it.
 * `workers`: of its worker configuration.
 */
export function builtInTypes(
  name: string,
  configuration: Texts,
  workers: Texts | null,
): ReadonlyMap<string, string> | ApiError {
  const spec = builtIn(configuration['connector.class'] ?? '');
  if (!spec)
    return badRequest(
      `There is no built-in connector ${configuration['connector.class']}.`,
      'connectorConfiguration',
    );
  const problems = connectorProblems(spec, { ...configuration, name });
  if (problems.length > 0)
    return badRequest(problems.map(({ message }) => message).join(' '), 'connectorConfiguration');
  return (workers && builtInWorkersRefusal(workers)) ?? propertyTypes(spec);
}

/** Why workers of built-in connectors cannot have this worker configuration; null when they can. */
export function builtInWorkersRefusal(workers: Texts): ApiError | null {
  const [first] = workerProblems(workers);
  return first
    ? badRequest(`The worker configuration does not fit: ${first.message}`, 'workerConfiguration')
    : null;
}
