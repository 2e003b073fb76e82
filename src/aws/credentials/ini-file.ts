/**
 * The sections of one of AWS's files, by name, with their settings. Indented lines belong to the setting
 * above, and are left out.
 */
export function iniSections(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | null = null;
  for (const line of text.split(/\r?\n/)) {
    const [, header] = /^\[\s*([^\]]+?)\s*\]/.exec(line) ?? [];
    if (header !== undefined) {
      section = sections.get(header) ?? new Map();
      sections.set(header, section);
      continue;
    }
    // As AWS's own tools: a comment after a value needs a space before its sign.
    const [, name, value] = /^([^\s#;=][^=]*?)\s*=\s*(.*?)(?:\s+[#;].*)?\s*$/.exec(line) ?? [];
    if (section !== null && name !== undefined && value !== undefined) section.set(name.toLowerCase(), value);
  }
  return sections;
}
