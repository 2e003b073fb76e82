import { data } from './data.ts';
import { bool, string } from './field.ts';

export const defaultPrincipalData = data({
  name: 'DefaultPrincipalData',
  versions: [0, 0],
  flexible: 0,
  fields: {
    type: string,
    name: string,
    tokenAuthenticated: bool,
  },
});
