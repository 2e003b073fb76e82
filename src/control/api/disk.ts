import { operation } from './operation.ts';
import { structure } from './shape.ts';

/** How full the file system of the data folder is, which all clusters share. */
export const describeDisk = operation({
  name: 'DescribeDisk',
  input: structure({}),
  handle: (control) =>
    control.disk.usage ?? {
      error: 'ServiceUnavailableException',
      message: 'The file system of the data folder does not tell its use.',
    },
});
