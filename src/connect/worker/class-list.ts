/** A class by its name within Java: `org/apache/kafka/connect/cli/ConnectDistributed`. */
const CLASS = /^[\w$/-]+(?= |$)/;
/** What Java makes of a lambda: descriptors beside names. */
const LAMBDA = /^@lambda-(?:proxy|form-invoker) [\w$/;()[\]<>:. -]+$/;

/**
 * Of what a worker wrote of its classes, what an archive is made of. The worker runs code of others, who may
 * have written anything: names are left, which Java looks for in the class path that it is given, and no
 * files that it is to read.
 */
export function classList(text: string): string {
  return text
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('@')) return LAMBDA.test(line) ? [line] : [];
      // Classes of other loaders have a file as their source.
      if (line.includes('source:')) return [];
      return CLASS.exec(line)?.[0] ?? [];
    })
    .map((line) => `${line}\n`)
    .join('');
}
