/**
 * One end of a connection that carries text frames in order: a real WebSocket or a pair in memory. Callbacks, not
 * Effects, because one is called for every frame.
 */
export interface Transport {
  /** Queues one text frame. A closed transport swallows it: the close callback has told the owner already. */
  readonly send: (text: string) => void
  /** Starts the closing handshake; `code` as in RFC 6455 section 7.4. */
  readonly close: (code: number, reason: string) => void
  /** Cuts the connection without a handshake, as a pulled cable does. */
  readonly terminate: () => void
  /** Stops and resumes reading, so that a full inbox pushes back on the sender instead of growing. */
  readonly pause: () => void
  readonly resume: () => void
  /** Bytes accepted by `send` and not yet handed to the network. */
  readonly bufferedBytes: () => number
  /** Sets the single listener. Frames that arrived before are delivered now, in order. */
  readonly listen: (listener: TransportListener) => void
}

export interface TransportListener {
  readonly onText: (text: string) => void
  /** A binary frame: OCPP-J knows text frames only. */
  readonly onBinary: () => void
  /** Any sign of life that is not a frame: a ping or pong. */
  readonly onAlive: () => void
  /** Called once, whoever closed; 1006 when the connection broke without a handshake. */
  readonly onClose: (code: number, reason: string) => void
}
