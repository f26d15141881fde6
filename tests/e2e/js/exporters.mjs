// The three OTLP exporters of one protocol, each watched so that a failed export is seen.
import { Metadata } from "@grpc/grpc-js";
import { ExportResultCode } from "@opentelemetry/core";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";

const PACKAGE_SUFFIX = { "http/protobuf": "proto", "http/json": "http", grpc: "grpc" };
const TIMEOUT_MS = 20_000;

export const PROTOCOLS = Object.keys(PACKAGE_SUFFIX);

/** Options of one exporter: where to send, and the key as HTTP header or gRPC metadata. */
function options(protocol, signal, { endpoint, key, compression }) {
  const shared = { compression: CompressionAlgorithm[compression.toUpperCase()], timeoutMillis: TIMEOUT_MS };
  if (protocol === "grpc") {
    const metadata = new Metadata();
    if (key) metadata.set("authorization", `Bearer ${key}`);
    return { ...shared, url: endpoint, metadata };
  }
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  return { ...shared, url: `${endpoint.replace(/\/$/, "")}/v1/${signal}`, headers };
}

/** Wrap an exporter: every result of `export` lands in `results` before the SDK sees it. */
function watched(exporter, signal, results) {
  const exportAndRecord = (batch, done) =>
    exporter.export(batch, (result) => {
      const ok = result.code === ExportResultCode.SUCCESS;
      results.push({ signal, ok, error: ok ? null : String(result.error?.message ?? "unknown") });
      done(result);
    });
  return new Proxy(exporter, {
    get(target, name) {
      if (name === "export") return exportAndRecord;
      const value = target[name];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Load the exporters of one protocol; `results` collects what became of each export. */
export async function loadExporters(protocol, target, results) {
  const suffix = PACKAGE_SUFFIX[protocol];
  const [traces, logs, metrics] = await Promise.all([
    import(`@opentelemetry/exporter-trace-otlp-${suffix}`),
    import(`@opentelemetry/exporter-logs-otlp-${suffix}`),
    import(`@opentelemetry/exporter-metrics-otlp-${suffix}`),
  ]);
  const made = (Exporter, signal) =>
    watched(new Exporter(options(protocol, signal, target)), signal, results);
  return {
    traces: made(traces.OTLPTraceExporter, "traces"),
    logs: made(logs.OTLPLogExporter, "logs"),
    metrics: made(metrics.OTLPMetricExporter, "metrics"),
  };
}
