import { fileStreamSink } from './file/file-stream-sink.ts';
import { fileStreamSource } from './file/file-stream-source.ts';
import type { ConnectorSpec } from './kernel/connector-spec.ts';

/** Every connector that is built in. */
export const CATALOGUE: readonly ConnectorSpec[] = [fileStreamSink, fileStreamSource];

/** The one that `connector.class` means: by its whole name or a shorter one, as Kafka Connect finds them. */
export function builtIn(connectorClass: string): ConnectorSpec | null {
  return (
    CATALOGUE.find(
      ({ className, aliases }) => className === connectorClass || aliases.includes(connectorClass),
    ) ?? null
  );
}
