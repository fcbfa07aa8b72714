import { type Config, Data } from "effect"
import type { ListenFailed } from "../ocpp/Endpoint.ts"
import type { DatabaseUnavailable } from "../postgres/Database.ts"
import type { MigrationFailed } from "../postgres/Migrations.ts"
import type { PostgresUnavailable } from "../postgres/PostgresUnavailable.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import type { Settings } from "../Settings.ts"

/** What was asked for makes no sense. `message` names the flag and says what to give instead. */
export class WrongUse extends Data.TaggedError("WrongUse")<{ readonly message: string }> {}

/**
 * What was asked for makes sense and cannot be done here and now. `message` is for an operator: what happened, to which
 * port, directory or database, and what to do.
 */
export class CannotRun extends Data.TaggedError("CannotRun")<{ readonly message: string }> {}

/** Whatever keeps a server from opening its doors. */
export type ServeFailure =
  | ListenFailed
  | DatabaseUnavailable
  | MigrationFailed
  | PostgresUnavailable
  | StoreUnavailable
  | Config.ConfigError

/** Everything that keeps a server from opening its doors, in words for its operator. */
export const explain = (failure: ServeFailure, settings: Settings | undefined): WrongUse | CannotRun => {
  switch (failure._tag) {
    case "ListenFailed":
      return new CannotRun({ message: listenFailed(failure, settings) })
    case "PostgresUnavailable":
      return new CannotRun({ message: `The database did not start. ${failure.message}` })
    case "DatabaseUnavailable":
      return failure.reason === "InvalidUrl"
        ? new WrongUse({ message: failure.message })
        : new CannotRun({ message: failure.message })
    case "MigrationFailed":
      return new CannotRun({ message: `The database cannot be used. ${failure.message}` })
    case "StoreUnavailable":
      return new CannotRun({
        message:
          "The database went away while the server started. Look into its log, see that its disk is not full, and start again."
      })
    case "ConfigError":
      return new WrongUse({ message: settingRefused(failure) })
  }
}

/** Which variable, if that is to be seen, and what was expected of it. */
const settingRefused = ({ message }: Config.ConfigError): string => {
  const name = /\bat \["(\w+)"\]/.exec(message)?.[1]
  const expected = /\b[Ee]xpected ([^\n]+)/.exec(message)?.[1]
  return name === undefined || expected === undefined
    ? `A setting in the environment will not do: ${message}`
    : `${name} in the environment will not do: it must be ${inWords(expected)}.`
}

const inWords = (expected: string): string =>
  expected.replace("a string representing ", "").replace("a valid Duration string", 'a time such as "30 seconds"')

/** What node says of a port that cannot be had, and what it means. */
const listenFailed = ({ port, host, message }: ListenFailed, settings: Settings | undefined): string => {
  const flag = settings === undefined || settings.ocppPort === port ? "--ocpp-port" : "--http-port"
  const what = flag === "--ocpp-port" ? "for stations" : "of the API"
  const code = /\bE[A-Z]{3,}\b/.exec(message)?.[0]
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} (${what}) is taken: another program listens on ${host}:${port}, perhaps another Wattproof.\nStop it (lsof -i :${port} names it), or choose another port with ${flag}; 0 takes any that is free.`
    case "EACCES":
      return `Port ${port} (${what}) may not be opened by this account: below 1024 only root may.\nChoose another with ${flag}.`
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `This machine has no address ${host} to listen on.\nChoose another with --host; 0.0.0.0 is every address it has.`
    default:
      return `Port ${port} (${what}) on ${host} cannot be opened: ${message}.\nChoose another with ${flag}, or another address with --host.`
  }
}
