import type { IncomingHttpHeaders } from "node:http"
import { type Dialect, dialects, negotiate, type Subprotocol } from "#core/ocpp/Dialect.ts"
import { verifyPassword } from "./Password.ts"

/**
 * Who may open an OCPP-J connection, decided without a socket (OCPP-J section 3; `Endpoint` carries it out). Two steps,
 * because a station is looked up in between: `identify` reads the request, `decide` judges it by what is known.
 */

/** What the handshake needs to know of a registered station. */
export interface StationAuth {
  /** OCPP security profile: 0 open, 1 HTTP Basic. */
  readonly securityProfile: 0 | 1
  /** Stored passwords, any of which lets in: two while a station has not confirmed a new key (1.6-J 6.2.2). */
  readonly passwordHashes: ReadonlyArray<string>
  /** What a station that names no subprotocol at all speaks. Absent: it is turned away as the specification asks. */
  readonly assumed?: Subprotocol
  /** False for a station that never answers pings. Default true. */
  readonly pings?: boolean
}

/** A request whose path named a station. */
export interface Identified {
  readonly _tag: "Identified"
  readonly identity: string
  readonly authorization: string | undefined
  /** The subprotocols in the station's order of preference; undefined when it sent no such header. */
  readonly offered: ReadonlyArray<string> | undefined
}

/** An HTTP answer instead of a WebSocket. */
export interface Refuse {
  readonly _tag: "Refuse"
  readonly status: 400 | 401 | 404 | 426 | 503
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Accept {
  readonly _tag: "Accept"
  readonly identity: string
  readonly dialect: Dialect
  /** What the handshake's answer names; undefined when the station named nothing and a dialect was assumed. */
  readonly subprotocol: Subprotocol | undefined
}

/** No subprotocol in common: the handshake is completed without naming one and the socket closed at once (J 3.3). */
export interface AcceptThenClose {
  readonly _tag: "AcceptThenClose"
  readonly identity: string
  readonly code: number
  readonly reason: string
}

export type Decision = Refuse | Accept | AcceptThenClose

const refuse = (status: Refuse["status"], body: string, headers: Readonly<Record<string, string>> = {}): Refuse => ({
  _tag: "Refuse",
  status,
  headers,
  body
})

/** The path that stations dial, without their identity. */
export const defaultPath = "/ocpp/"

/** 1.6 sets no limit to an identity; this bounds what is kept and logged. 2.x: identifierString[48] (J 3.1.1). */
const maxIdentity = 255
const maxIdentity2x = 48

const decodeSegment = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

const hasControls = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 32 || (unit >= 127 && unit < 160)) return true
  }
  return false
}

/** Whether a request target is under the path that stations dial, whatever follows. */
export const isStationPath = (target: string, path: string = defaultPath): boolean => target.startsWith(path)

/**
 * Reads who calls from the request target: the one segment after `path`, percent-decoded. Empty segments are passed
 * over, because stations join a configured URL and their identity with a slash too many; a query is ignored.
 */
export const identify = (
  target: string,
  headers: IncomingHttpHeaders,
  path: string = defaultPath
): Identified | Refuse => {
  if (!isStationPath(target, path)) return refuse(404, "not found")
  const query = target.indexOf("?")
  const rest = target.slice(path.length, query === -1 ? undefined : query)
  const segments = rest.split("/").filter((segment) => segment !== "")
  if (segments.length !== 1) return refuse(404, "the path must end in a station's identity")
  const identity = decodeSegment(segments[0]!)
  if (identity === undefined) return refuse(400, "malformed percent-encoding")
  if (identity.length > maxIdentity) return refuse(400, "the identity is too long")
  if (hasControls(identity)) return refuse(400, "the identity has control characters")
  const protocols = headers["sec-websocket-protocol"]
  return {
    _tag: "Identified",
    identity,
    authorization: headers.authorization,
    offered: protocols?.split(",").map((name) => name.trim())
  }
}

/**
 * The password of a Basic header, undefined when there is none or it is another's. User name and password are split at
 * the identity's own end, as both may contain colons, and the password is bytes: a 1.6 key need not be text.
 */
export const presentedPassword = (authorization: string | undefined, identity: string): Uint8Array | undefined => {
  const match = /^basic +([A-Za-z0-9+/_=-]+) *$/i.exec(authorization ?? "")
  if (match === null) return undefined
  const credentials = Buffer.from(match[1]!, "base64")
  const user = Buffer.from(`${identity}:`, "utf8")
  if (credentials.length < user.length || !credentials.subarray(0, user.length).equals(user)) return undefined
  return credentials.subarray(user.length)
}

/**
 * A station of profile 0 is let in whatever credentials it sends: there is nothing to check them against, and a key
 * left over from an earlier operator must not lock it out. One of profile 1 without a stored password never is.
 */
const isAuthentic = (call: Identified, station: StationAuth): boolean => {
  if (station.securityProfile === 0) return true
  const password = presentedPassword(call.authorization, call.identity)
  if (password === undefined) return false
  let matches = false
  for (const stored of station.passwordHashes) matches = verifyPassword(password, stored) || matches
  return matches
}

/** Judges an identified request by what is known of the station; undefined is a station nobody registered. */
export const decide = (
  call: Identified,
  station: StationAuth | undefined,
  served: ReadonlyArray<Dialect> = dialects
): Decision => {
  const { identity, offered } = call
  if (station === undefined) return refuse(404, "unknown station")
  if (!isAuthentic(call, station)) {
    return refuse(401, "wrong credentials", { "WWW-Authenticate": 'Basic realm="ocpp", charset="UTF-8"' })
  }
  const assumed = offered === undefined ? station.assumed : undefined
  const dialect = negotiate(assumed === undefined ? (offered ?? []) : [assumed], served)
  if (dialect === undefined) {
    return { _tag: "AcceptThenClose", identity, code: 1002, reason: "no common subprotocol" }
  }
  if (dialect.version !== "1.6" && (identity.length > maxIdentity2x || identity.includes(":"))) {
    return refuse(400, "not an identity of OCPP 2.x: at most 48 characters and no colon")
  }
  return { _tag: "Accept", identity, dialect, subprotocol: assumed === undefined ? dialect.subprotocol : undefined }
}

/** What a request without an upgrade gets on a station's path. */
export const upgradeRequired: Refuse = refuse(426, "this is a WebSocket endpoint", {
  Upgrade: "websocket",
  Connection: "Upgrade"
})

/** Too many at once: come back later, and not all at the same moment. */
export const overloaded = (retryAfterSeconds: number): Refuse =>
  refuse(503, "too many connections at once", { "Retry-After": String(retryAfterSeconds) })
