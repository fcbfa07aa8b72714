/**
 * What a server of the same protocol could do at best: `ws`, JSON.parse, and an answer of the right shape. It checks
 * nothing, keeps nothing and knows nobody. Prints its port.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { WebSocketServer } from "ws"

let transactionId = 0

const answers: Readonly<Record<string, () => unknown>> = {
  BootNotification: () => ({ status: "Accepted", currentTime: new Date().toISOString(), interval: 300 }),
  Heartbeat: () => ({ currentTime: new Date().toISOString() }),
  Authorize: () => ({ idTagInfo: { status: "Accepted" }, idTokenInfo: { status: "Accepted" } }),
  StartTransaction: () => ({ transactionId: ++transactionId, idTagInfo: { status: "Accepted" } }),
  MeterValues: () => ({}),
  StatusNotification: () => ({}),
  StopTransaction: () => ({ idTagInfo: { status: "Accepted" } }),
  TransactionEvent: () => ({ idTokenInfo: { status: "Accepted" } })
}

const sockets = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  handleProtocols: (offered) => [...offered][0] ?? false
})
const server = createServer()
server.on("upgrade", (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on("message", (data: Buffer) => {
      const [, messageId, action] = JSON.parse(data.toString("utf8"))
      webSocket.send(JSON.stringify([3, messageId, answers[action]!()]))
    })
  })
})
server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`)
})
process.on("SIGTERM", () => process.exit(0))
