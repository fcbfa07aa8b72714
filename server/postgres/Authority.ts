import { X509Certificate } from "node:crypto"
import { readFileSync } from "node:fs"
import { Effect } from "effect"
import { DatabaseUnavailable } from "./Database.ts"

const block = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Reads the certificates (PEM) of the authorities that may vouch for the operator's own PostgreSQL. */
export const readAuthority = (file: string): Effect.Effect<string, DatabaseUnavailable> =>
  Effect.try({
    try: () => {
      const text = readFileSync(file, "utf8")
      const certificates = text.match(block) ?? []
      if (certificates.length === 0) throw new Error("there is no certificate in it")
      for (const certificate of certificates) new X509Certificate(certificate)
      return text
    },
    catch: (cause) =>
      new DatabaseUnavailable({
        reason: "InvalidAuthority",
        message: `DATABASE_CA names ${file}, which cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.\nName a file that this account can read, with the certificate (PEM) of the authority that signed your PostgreSQL's.`
      })
  })
