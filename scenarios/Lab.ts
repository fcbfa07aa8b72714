/**
 * Where a scenario, a fleet and a CMS come together: in virtual time, on the wall clock with real sockets, or with
 * somebody else's CMS. The oracles are the same everywhere; what cannot be seen is not verifiable.
 */
export { type LiveOptions, type RemoteOptions, runLive, runRemote } from "./lab/live.ts"
export { runVirtual, type VirtualOptions } from "./lab/virtual.ts"
