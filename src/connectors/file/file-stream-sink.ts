import { stringProperty } from '../kernel/config-property.ts';
import { sinkSpec } from '../kernel/connector-spec.ts';

export const fileStreamSink = sinkSpec({
  className: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  aliases: ['FileStreamSinkConnector', 'FileStreamSink'],
  doc: 'Appends the value of each record to a file, as a line.',
  properties: {
    file: stringProperty({
      importance: 'HIGH',
      doc: 'The file to write to, with its whole path; it is made when it is not there.',
      check: (file) => (file === '' ? 'must name a file' : null),
    }),
  },
  task: async ({ file }) => new (await import('./file-stream-sink-task.ts')).FileStreamSinkTask(file),
});
