import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"
import type { Deliver } from "#simulator/psp/Notifier.ts"
import type { Provider } from "#simulator/psp/Provider.ts"

const host = "127.0.0.1"
/** What the SDK sends is some hundred bytes. */
const maxBodyBytes = 256 * 1024
/** How long the CMS may take to answer a notification. */
const noticePatienceMs = 5_000

const plain = (headers: IncomingMessage["headers"]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")])
  )

const serveRequest = (provider: Provider, request: IncomingMessage, response: ServerResponse): void => {
  const parts: Array<Buffer> = []
  let size = 0
  request.on("data", (part: Buffer) => {
    size += part.length
    if (size > maxBodyBytes) request.destroy()
    else parts.push(part)
  })
  request.on("end", () => {
    const { method = "GET", url: path = "/", headers } = request
    const body = Buffer.concat(parts).toString("utf8")
    // Whoever is left without an answer hangs up when his patience is over.
    provider.handle({ method, path, headers: plain(headers), body }, (answer) => {
      if (!response.writableEnded) response.writeHead(answer.status, { ...answer.headers }).end(answer.body)
    })
  })
}

/** The provider behind a real HTTP server on loopback, until the scope ends; returns where it is. */
export const openProvider = Effect.fnUntraced(function* (provider: Provider) {
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => createServer((request, response) => serveRequest(provider, request, response))),
    (opened) =>
      Effect.callback<void>((resume) => {
        opened.close(() => resume(Effect.void))
        opened.closeAllConnections()
      })
  )
  yield* Effect.callback<void>((resume) => {
    server.listen(0, host, () => resume(Effect.void))
  })
  return `http://${host}:${(server.address() as AddressInfo).port}`
})

/** Posts notifications over HTTP to wherever the CMS listens at that moment; undefined while it does nowhere. */
export const postNotices =
  (webhookUrl: () => string | undefined): Deliver =>
  ({ body, headers }, answered) => {
    const url = webhookUrl()
    if (url === undefined) {
      answered(null)
      return
    }
    fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(noticePatienceMs) }).then(
      (response) => response.arrayBuffer().then(() => answered(response.status)),
      () => answered(null)
    )
  }
