// Made by `node scripts/connect-jars.ts`, not by hand.

/** The release of Kafka Connect that these jars are. */
export const CONNECT_RELEASE = '4.3.1';

/** Each jar by its coordinates in Maven, with its SHA-512 in Base64. */
export const CONNECT_JARS = `
at.yawk.lz4:lz4-java:1.10.2 JjSt9AiRDDoc/0H1u94PBkPWqom5wQyE7lmCYozq8JIBWsqg7ZDrVs2wzBxytmZ7xRtDEshnRmLVFQqCHFEviA==
com.fasterxml.jackson.core:jackson-annotations:2.21 2DKpmGeswtWvslltp2DFDmprVMG7yObEGG8mehbh1Vx6kW74sDStayd8QeM0K5Hc3C49zqi9zP6J58FHiUWRvg==
com.fasterxml.jackson.core:jackson-core:2.21.2 MaFqQLLhoalGembJOITANFJ/ta9kGnm9alY9TDqqDPyNglD5MNE8f9cMGNtXmUDsVKSVOMWi4PuXgMV1gIAA/w==
com.fasterxml.jackson.core:jackson-databind:2.21.2 GkewEkR7yMPQvGA7lfzhZA1/5+rQi8M8EGwN6BHwYaHtqHGGPk4UEenAyccW1Hxplg9+SS9U6GEPPkDJn1w5Yg==
com.fasterxml.jackson.datatype:jackson-datatype-jdk8:2.21.2 Y9ZdEADSqP1JxCH8dQtGjQsxertz3ClvqVz5xs4Ykh4tAYVn4YecVOAJZFdXu5L84R4P/uIco0c1vXHyrpU1AQ==
com.fasterxml.jackson.jakarta.rs:jackson-jakarta-rs-base:2.21.2 jKxDTeQBK+Lh8WEphyWASe/oZpH4NNhc0Q/1MHvABnJwdX+G5tCHwdpNpBv5XMI/IEoaxfsmmQWDHVZpg2RuJg==
com.fasterxml.jackson.jakarta.rs:jackson-jakarta-rs-json-provider:2.21.2 e9v8ArSLB7r8qHyKmnw+vBssVF9fU4orOnML5DHvzu5aX1tzIgipqSSHj/z8nvLGUl87Tv1BW1VXBMpTC4pfag==
com.fasterxml.jackson.module:jackson-module-blackbird:2.21.2 Y/hsaoUU5cuT1mqYccW8BcqvzBJVAg+4RZbmTWTg7fWORVcJcANkKRrOucl8nHvvd6s3z30wYtN/IHmwUzw8XQ==
com.fasterxml.jackson.module:jackson-module-jakarta-xmlbind-annotations:2.21.2 BeEaRGmhh7wIkA7sByANLeLqSlblNODY+Nau+BUf9k1OuG3DhFt4SCeZSUeLf8wQ3nZZO8M+1jRc6FtYuEbztA==
com.github.luben:zstd-jni:1.5.6-10 /cc8ZLpAs6icFLPNIxPBnihnueIC7Q2tzzPeN/uQS9G2unOr11R5SsrTqBxuQ4Us3A+FC2sJDUFLplWY7ab0fg==
com.sun.activation:jakarta.activation:2.0.1 0cIU0tbsxhu6OW2RPGbJd0GOdN/pblVYlRzPmaYM/Kat/qP8ZLbi0V9pjjDayHC49ujXoi4N/5dfjdg4ZHFPxQ==
io.github.classgraph:classgraph:4.8.179 iudQUj8IbGZ/HssizdAgN/IXtnhBdXwlRRAOwxQUUmimDMbzgb3oZln6CQ8aBd6PfPPrrxP7TnN/2nSaHOdweA==
io.swagger.core.v3:swagger-annotations:2.2.39 OqlQCyy4RPjvNmVNOcAEXaJqV64UJ2oMDSSVyCB1nwQg/ln6Jk0dH4AdWNk/pJljGXTWqZfeNqhVuKMyFBmTLA==
jakarta.activation:jakarta.activation-api:2.1.0 UwJuI1ced7lpbPAtHusgKVtxmaFpwS25gH8u8lEu/4WbNxCLlr/bzSyfSmZyjRKtgYK1VIFGiXzcKtSeeysuvA==
jakarta.annotation:jakarta.annotation-api:2.1.1 6r6LhVtzVmNoQFLsTMNXzHN5NvpXzr8UTrCfcLO2xgDbf6bxyTpPNsWZSxs32tLfzsh6QUSIcuaVUqzP1/Uq9g==
jakarta.inject:jakarta.inject-api:2.0.1 8YayraRwq7ocw7T4xDc9lA+3xxoFGywm98IErU37aSNfvz+cM9o210TLkPUtkhxR12wP8mO6yzXq+2bKuD3EfQ==
jakarta.servlet:jakarta.servlet-api:6.0.0 uBDOBA7QZxoxYfsZeEXzrnUM04xHTvVMNRt7En/ztNYkomwzRQxiR09Cwc3iHGUyTNpjsbPqBRWihuC8sMDJ1Q==
jakarta.validation:jakarta.validation-api:3.0.2 j/mkUOE9rUmsgmirjFkeBF5QVvlFnvoJ+7NWG1yHlSazROJkhgK/ZdOHYgBkzww6AOEkPGQiyFohtT26uHSaQA==
jakarta.ws.rs:jakarta.ws.rs-api:3.1.0 VcJFN411KVA8k00hMs/DvMY49il+rmaHrkGaW1eqRkb3cc8FQpX7bNofbYkTSULCosOfRzgL6Dnia0SITku3XA==
jakarta.xml.bind:jakarta.xml.bind-api:3.0.1 fHTO33wLqqUWYxGkxDAKcusJrigOwzdlU92GUebj1fEAeUQhumR7MoGV38+Yps92IxaaC4fePxOYTddDbChIBw==
javax.activation:activation:1.1.1 SRGbDMOvAnAGhaVcbxXm1AZD+BZA5kK56jmlnhjVQviDfTC0O1vgBs4amMjslym7IWXARCl4Fo9kyqL8bjy5PQ==
javax.activation:javax.activation-api:1.2.0 juDbQ65ALwB5qDbvK/9dFRYOP/nVhcMoP0z0dL5O3S/MhxTY8DLv1yyud+xfbTBPwk+glNnNulz3KWbMlkr2yQ==
javax.annotation:javax.annotation-api:1.3.2 Z5z0TDudY1tD7RIqVV1XApLD8JN8M4ccQEOKGlPiBYyAV4aU7JRm6snigOGb+3qVsmFZTMTBFhyF3JffYjXlUw==
javax.xml.bind:jaxb-api:2.3.1 k6R7JFq4MNZkpIydFOhhmKOICc6U9yymaz1odGrh17kC9v7y0awaksAXAVSa6AoH22m9gi/9gxqV2Nv/rUNXkA==
org.apache.kafka:connect-api:4.3.1 snnZPJxjzyhpcpcndSC1ixADEYUp/t3y/mvZGXc5FY9SiLd1CMiZborwCtWK7Voz396vngiUkB8y/Gldc9IaTA==
org.apache.kafka:connect-basic-auth-extension:4.3.1 2I1fvy5mbxiY1Ogc6uO0Y7utIIHOgXMnpeyg0EomaRCA3bldsf54bguRbcJ+o4+3JW3v8bb0gEWFCLwwO3w7uQ==
org.apache.kafka:connect-file:4.3.1 0Mrkj0OI+rjiMUz4H7oo+LvGoncmfTADe6eD1m/8R497nPSPSWJQbaFWDaW3lXjfsyP4Fv3iyeWCgOi7sUtZAA==
org.apache.kafka:connect-json:4.3.1 naORM8Tbw39L7j0VhisC+qfTAGpVbq8DuBoknbCeJT4pcYzabhTMI0z2oEW/GkNe9YZ1vFEU3f8oXv5x43CucQ==
org.apache.kafka:connect-runtime:4.3.1 6FzoiEqEvp+gYP8bGz9mUUR8eqzsdEY87rri3ADQnvG+Wx5/GufTxJDLPR0d6tDEHxdryXD7AfSixwPpxtMh8w==
org.apache.kafka:connect-transforms:4.3.1 mLM+jLmM8AddW3us0vWtK5SMolHSk+vmjpsgyULdLikMBjuOnnDxIDntvohq3KW7TLWK93VI919dkgm91QMz9g==
org.apache.kafka:kafka-clients:4.3.1 87dhF+NJsodVCcvw1V/baH3PLQ1VTIcnNzm72mImIyqBZ5kBYT0/HB5J93f9GHgBBDkFCWN7oGVSuGhHO1S5UA==
org.apache.logging.log4j:log4j-1.2-api:2.25.3 6XW4Fau8O/cuUR+Z4dHK5/vLjbOHE+Lx90kOkzQe70nkXV4ZTWO/axvz+20YdANpY4uXZjDiALQJ/gZKp3RgFA==
org.apache.logging.log4j:log4j-api:2.25.3 zpqvW+7A+4y+2MSuipGljT9pNccxIgspTXDxVpEotf82fhv5TWlXLderBb/ypjveX/dInrl0Powwe2ROrq28UA==
org.apache.logging.log4j:log4j-core:2.25.3 ZKB3at/QsIL4Dkn0r7iZjBXTDFFaNEGgdDZNN0eaL8BZvddGlMP2CbH64dLsoMuINH4a/Yh3SsaYpCuHRL8lnw==
org.apache.logging.log4j:log4j-slf4j-impl:2.25.3 LvooZ7UNi2zjTeMNeE8YZulACPS/9hIvFDO4rEy4/bzgJJ50Pmji42k0TDfmRA7oQhsqnqCJkVUYASJ8lMXWVw==
org.apache.maven:maven-artifact:3.9.15 Cqt3i+hl/oSD2XQc+SdmHgsc2MKJ0KMegleTm/Cg/SWSDCey0m7cGVfux+7roYYoCNcUP9Q9IOHHue7iO7Wkfw==
org.bitbucket.b_c:jose4j:0.9.6 q1yZ38CrMGFRCUFgKES5hI3oDCwDUmJl+d0S6vJWeokcf7XQACgLOqbq7zmeWFIBHuJkM543+hFp1JQHFYaY5Q==
org.codehaus.plexus:plexus-utils:3.6.1 zfUq4U4Z+8BAqM6etW8l+288HCcDuMt4FTKfBvZ1ooSTTk+xms7bSaJKvIuihJP9Wu3xXwrIAz0SPHFiDeCsmA==
org.eclipse.jetty.ee10:jetty-ee10-servlet:12.0.34 71ZDIJKG+5CcwGQscXi0FiUUgbeJyz/X8YWhvynbVug4HFS7Ru9yA2dUJUHCpMe/PI4ShR99nWMXkCNMAbiYDQ==
org.eclipse.jetty.ee10:jetty-ee10-servlets:12.0.34 XQMy6npq/ZtJ748hJ052fdamsIoZniDtUrA1HfcyOk/zBQL1K/1jmlak10L5Z4HR1z37hrVooc00BZWK/xCOnA==
org.eclipse.jetty:jetty-alpn-client:12.0.34 wjQ19N4pRwm7jm6U0LSr443BIqFQ8k0l2OqdLMbMQyLq2vuCDM5GHawLtxcReX28amhiCDhqVyHqTG6ypVJbZw==
org.eclipse.jetty:jetty-client:12.0.34 PMekdYuc2uJ8mMwzv7dnPR/bkF1FLR4axFZBgojE57aZEOqACv/BPomlGbPOW83QhytkJx3cacLpqWa3isA1tQ==
org.eclipse.jetty:jetty-http:12.0.34 B4OPTV2ULtji9SS58UojOOmCVGgtIB0xPBwSPSYwoTNB2hF+9nv2VZVZErcW+POWSR9+BiploiYxH2YIJ76Gpg==
org.eclipse.jetty:jetty-io:12.0.34 Kz6V+sOWPwXED27qMdVKfrKpyhwv8eGXEP5ROXK933AYwLis1qmH3W9UIbM9uc8RGEGSWDnERXb3qom7MwVB4Q==
org.eclipse.jetty:jetty-security:12.0.34 Fn1I3jQ+ivfcWk+IuYoqla7lGWQr8KIIU8SeumhFMUgMWdUu41zdQaeP2p+OhAdsYWl0Z6czeNqtwzuXuttkgg==
org.eclipse.jetty:jetty-server:12.0.34 HtEJAykXGBdx/0XCp9HOz4MsKU+dN5yaX2FrP5FGuuFEsqQupfLL6dH8UWDlqUUOiqrPbv0pyTLF0AUTz8a9qg==
org.eclipse.jetty:jetty-session:12.0.34 yz70PDemTiEnkuKgwpjVpfWv+btrlvxQHmeeBqHLPZeOO1+1b6lEYZNa+MXVZ77bcDb7PkEWKEZosBkuphAf8w==
org.eclipse.jetty:jetty-util:12.0.34 d/D8PXlLWgNCFkzI+f9L8zee4RjMYHS6/NdF1BzDJoQvkpwJf/1R3j6ibtKHHnlsPpjFTWszzXxY+7y4LSg0rg==
org.glassfish.hk2.external:aopalliance-repackaged:3.0.6 YFB1+/qE1Cas5x3EADbdYE2WmmV9iZCZbgkQxlQ1SgbeZbUumyTg+GPMkZYiO+XIFuS2VfE+FDhjlpUueFlisQ==
org.glassfish.hk2:hk2-api:3.0.6 KrlsuEPPf+25fKMI8Id6ORzW2leIWUnLX0/6reiQ5CzeWgN3Cdo+kFc1rtZ7JxhmA/qk2e6D/wWxmSmTEcCAwg==
org.glassfish.hk2:hk2-locator:3.0.6 vVOTUCpOyUsPhJrmDV2D9ePCn+JX0IpKNKc1JP3Bcrv1hxTM+qN+a6bqqLA1VYxL9dJrYfgvtvnXQdleYv241A==
org.glassfish.hk2:hk2-utils:3.0.6 K98YcvhAG885xuoagUdZQLU6rarhcaUTosGW2vv+HFcB5+6yaaTfq+1csI9ChPSBBvdIlG8Mq5lY6DgYk7ZZIQ==
org.glassfish.hk2:osgi-resource-locator:1.0.3 TYSYOpsccvWGYbV2x4ykVqIQZgLCrSEc1+ctlEZMh3QXOzSjVinFB8fITJgvHeDJv0g1JFjoSAvl+HTSDW5pow==
org.glassfish.jersey.containers:jersey-container-servlet-core:3.1.10 UvnaSF431FK8YulDi6oNPLI+WLvWNq6xl3KSJZbwmzDijD5ETR649wGNzRNpnFcO5ymqmnw/iJWu1xk9aJ9T5Q==
org.glassfish.jersey.containers:jersey-container-servlet:3.1.10 yCSd5bNBcDj4kE4wgNt7qDrCmG6/gYRBqmWP9a/l1xuf3zWuYFf/t+E+S/Yal36Bt/BwmSwdLtbCNb5cfp3ivA==
org.glassfish.jersey.core:jersey-client:3.1.10 DEN+Gv7SHp25K9JFlIysCzRoyziuFXZ+no6ML2NU11BH+NG5A4rXVbYjWh3aVZB9W0Nmvav7dC70Sk9rPZvfRw==
org.glassfish.jersey.core:jersey-common:3.1.10 aC2PFSZvK0162oS1kGBHt3IDICqlEk9Aa2K+HhU3YTJ6e6I2oiaVc5Ez2OjILkldipiTwtpLhRCzPlDRVdaIXQ==
org.glassfish.jersey.core:jersey-server:3.1.10 z+3vEsIupC3wu+ruQIYFFCaJGXkwFSQoSLGLMcHNOC5QNmxAhhiKIywMsA8B4q27HQk19khqgnxSCJ3uQ1wkJw==
org.glassfish.jersey.inject:jersey-hk2:3.1.10 NPyPuA73uHi86mUzCINQInhFZfvsb0sHIyIwqnuD91JX07bTnkAOfviJQNV+JfBhPGW9dNg4c36DnlGdzBXHzw==
org.javassist:javassist:3.30.2-GA BGxbh3Mu8oVAxW+IiRI45JrBX8wj4fE+CxLegWgxuj3lTminJ7YWOHensZsT8TYsDmr/omZK8f2sV0hjLtegng==
org.slf4j:slf4j-api:1.7.36 +bAz/AGaRPmLFgSNp+K1nt1KalJ7pg41j2WriOCvrgOpNA8bPopUPUn6VCKQ9JnFWUJZr/of8+bnvztCjUxhCw==
org.xerial.snappy:snappy-java:1.1.10.7 IqbruOitTYoUmwxn2GWKwVNdcBSFcGTE9+1JmeKcYYbeioC1Ddm1n2MfocJJcFJP27uECDyAxZ6wxy1O+wQf7w==
`;
