/** By the name of the file. */
export function isPkcs12(file: string): boolean {
  return /\.(p12|pfx)$/i.test(file);
}

/** The properties of a Java client that name a file of certificates, PEM or PKCS#12. */
export function javaStore(kind: 'truststore' | 'keystore', file: string): string[] {
  const location = `ssl.${kind}.location=${file}`;
  return isPkcs12(file)
    ? [`ssl.${kind}.type=PKCS12`, location, `ssl.${kind}.password=${kind.toUpperCase()}_PASS`]
    : [`ssl.${kind}.type=PEM`, location];
}
