import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { SCRIPTS, SHELLS } from './scripts.ts';

export const completion: Command = {
  name: 'completion',
  summary: 'Print a script by which a shell completes commands, options, and the names of what there is.',
  takes: SHELLS.join('|'),
  words: { min: 1, max: 1 },
  options: {},
  more: [
    'bash: millrace completion bash > ~/.local/share/bash-completion/completions/millrace',
    'zsh:  millrace completion zsh > ~/.zfunc/_millrace, where ~/.zfunc is in fpath',
    'fish: millrace completion fish > ~/.config/fish/completions/millrace.fish',
    'Names of clusters, topics and the like are asked from the Millrace that answers at --api.',
  ].join('\n'),
  async run(given, output) {
    const shell = SHELLS.find((one) => one === given.words[0]);
    if (!shell)
      throw new Failure(`There are scripts for ${SHELLS.join(', ')}, and none for "${given.words[0]}".`, {
        exit: 'usage',
      });
    output.line(SCRIPTS[shell].trim());
    return 0;
  },
};
