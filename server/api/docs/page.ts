export const page = (spec: object): string => JSON.stringify(spec)
