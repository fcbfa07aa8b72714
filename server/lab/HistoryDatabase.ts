import type { ConnectionOptions } from "node:tls"
import { Context, Redacted } from "effect"
import type { Target } from "../postgres/Database.ts"
import type { Address } from "../postgres/Launcher.ts"

/** A database by plain data, as a thread of its own is told of it. */
export type PlainTarget =
  | (Address & { readonly _tag: "Embedded" })
  | { readonly _tag: "Url"; readonly url: string; readonly ssl: ConnectionOptions | undefined }

/** Where a thread reads the past by itself. Undefined: the books are in the memory of this process, which tells it of them. */
export const HistoryDatabase = Context.Reference<PlainTarget | undefined>("server/lab/HistoryDatabase", {
  defaultValue: () => undefined
})

export const plainOf = (target: Target): PlainTarget =>
  target._tag === "Url" ? { ...target, url: Redacted.value(target.url), ssl: target.ssl } : target

export const targetOf = (target: PlainTarget): Target =>
  target._tag === "Url" ? { ...target, url: Redacted.make(target.url) } : target
