import { datagen } from './datagen/datagen.ts';
import { fileStreamSink } from './file/file-stream-sink.ts';
import { fileStreamSource } from './file/file-stream-source.ts';
import type { ConnectorSpec } from './kernel/connector-spec.ts';
import { elasticsearchSink, openSearchSink } from './opensearch-sink/opensearch-sink.ts';
import { s3Sink } from './s3-sink/s3-sink.ts';

/** Every connector that is built in. */
export const CATALOGUE: readonly ConnectorSpec[] = [
  fileStreamSink,
  fileStreamSource,
  datagen,
  s3Sink,
  openSearchSink,
  elasticsearchSink,
];

/** The one that `connector.class` means: by its whole name or a shorter one, as Kafka Connect finds them. */
export function builtIn(connectorClass: string): ConnectorSpec | null {
  return (
    CATALOGUE.find(
      ({ className, aliases }) => className === connectorClass || aliases.includes(connectorClass),
    ) ?? null
  );
}
