// Sends one trace, two log records and five metrics with the OpenTelemetry JavaScript SDK.
//
//   node client.mjs PROTOCOL ENDPOINT [KEY] [none|gzip]
//
// PROTOCOL is http/protobuf, http/json or grpc. Prints one JSON line that says what was sent.
// Exits 0 when every export succeeded, 1 when one failed, 2 when called wrongly.
import { randomBytes } from "node:crypto";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, ValueType, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { loadExporters, PROTOCOLS } from "./exporters.mjs";
import * as signals from "./signals.mjs";

const SERVICE_NAME = "answerable-e2e-js";
const SCOPE = { name: "answerable.e2e", version: "1.2.3" };

/** A time the given number of nanoseconds (below one second) after `second`, as hrtime. */
const at = (second, nanos) => [second, nanos];
const unixNano = ([second, nanos]) => (BigInt(second) * 1_000_000_000n + BigInt(nanos)).toString();

/** Parent and failed child span, with exact times so that no nanosecond may be lost. */
function sendTrace(provider, second) {
  const tracer = provider.getTracer(SCOPE.name, SCOPE.version);
  const times = { start: at(second, 123_456_789), event: at(second, 200_000_001), end: at(second, 987_654_321) };
  const parent = tracer.startSpan(
    "POST /grade",
    { kind: SpanKind.SERVER, attributes: signals.PARENT_ATTRIBUTES, startTime: times.start },
    ROOT_CONTEXT,
  );
  const context = trace.setSpan(ROOT_CONTEXT, parent);
  const { trace_id: traceId, span_id: spanId, attributes } = signals.LINK;
  const child = tracer.startSpan(
    "chat gpt-5-mini",
    {
      kind: SpanKind.CLIENT,
      attributes: signals.CHILD_ATTRIBUTES,
      links: [{ context: { traceId, spanId, traceFlags: 1 }, attributes }],
      startTime: times.start,
    },
    context,
  );
  child.addEvent(signals.EVENT.name, signals.EVENT.attributes, times.event);
  child.setStatus({ code: SpanStatusCode.ERROR, message: signals.ERROR_MESSAGE });
  child.end(times.end);
  parent.end(times.end);
  return { parent: parent.spanContext(), child: child.spanContext(), context, times };
}

/** Log records in the context of the parent span. */
function sendLogs(provider, context, timestamp) {
  const logger = provider.getLogger(SCOPE.name, SCOPE.version);
  for (const log of signals.LOGS) {
    logger.emit({
      body: log.body,
      severityNumber: log.severity_number,
      severityText: log.severity_text,
      eventName: log.event_name ?? undefined,
      attributes: log.attributes,
      timestamp,
      observedTimestamp: timestamp,
      context,
    });
  }
}

/** Record every value of every metric; a view turns one histogram into an exponential one. */
function sendMetrics(provider) {
  const meter = provider.getMeter(SCOPE.name, SCOPE.version);
  const create = {
    counter: (name, options) => meter.createCounter(name, options),
    up_down_counter: (name, options) => meter.createUpDownCounter(name, options),
    gauge: (name, options) => meter.createGauge(name, options),
    histogram: (name, options) => meter.createHistogram(name, options),
    exponential_histogram: (name, options) => meter.createHistogram(name, options),
  };
  for (const [name, { kind, integer, unit, values }] of Object.entries(signals.METRICS)) {
    const valueType = integer ? ValueType.INT : ValueType.DOUBLE;
    const description = `${kind} of the JavaScript client`;
    const instrument = create[kind](name, { unit, description, valueType });
    const record = (instrument.add ?? instrument.record).bind(instrument);
    for (const value of values) record(value, signals.METRIC_ATTRIBUTES);
  }
}

const VIEWS = [
  {
    instrumentName: "app.latency",
    aggregation: {
      type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
      options: { boundaries: signals.HISTOGRAM_BOUNDS },
    },
  },
  { instrumentName: "app.tokens", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
];

/** SDK providers of the three signals, all with the same resource. */
function makeProviders(exporters, resource) {
  const reader = new PeriodicExportingMetricReader({
    exporter: exporters.metrics,
    exportIntervalMillis: 3_600_000,
    exportTimeoutMillis: 30_000,
  });
  return {
    traces: new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporters.traces)] }),
    logs: new LoggerProvider({
      resource,
      processors: [new BatchLogRecordProcessor({ exporter: exporters.logs })],
    }),
    metrics: new MeterProvider({ resource, readers: [reader], views: VIEWS }),
  };
}

/** Shut down, which flushes once; a failure shows in the watched results, not as an exception. */
async function stop(providers) {
  await Promise.allSettled(Object.values(providers).map((provider) => provider.shutdown()));
}

/** What a test compares with: identifiers, times and the data of signals.mjs. */
function report(runId, sent, resource) {
  return {
    run_id: runId,
    service_name: SERVICE_NAME,
    resource,
    scope: SCOPE,
    trace_id: sent.parent.traceId,
    parent: { span_id: sent.parent.spanId, name: "POST /grade", attributes: signals.PARENT_ATTRIBUTES },
    child: {
      span_id: sent.child.spanId,
      name: "chat gpt-5-mini",
      attributes: signals.CHILD_ATTRIBUTES,
      status_message: signals.ERROR_MESSAGE,
    },
    times: Object.fromEntries(Object.entries(sent.times).map(([name, time]) => [name, unixNano(time)])),
    event: signals.EVENT,
    link: signals.LINK,
    logs: signals.LOGS,
    metrics: signals.METRICS,
    metric_attributes: signals.METRIC_ATTRIBUTES,
    histogram_bounds: signals.HISTOGRAM_BOUNDS,
  };
}

async function main([protocol, endpoint, key = "", compression = "none"]) {
  if (!PROTOCOLS.includes(protocol) || !endpoint || !["none", "gzip"].includes(compression)) {
    console.error(`usage: node client.mjs ${PROTOCOLS.join("|")} ENDPOINT [KEY] [none|gzip]`);
    return 2;
  }
  const results = [];
  const exporters = await loadExporters(protocol, { endpoint, key, compression }, results);
  const runId = randomBytes(8).toString("hex");
  const attributes = { "service.name": SERVICE_NAME, "service.version": "0.4.2", "app.run_id": runId };
  const providers = makeProviders(exporters, resourceFromAttributes(attributes));
  const sent = sendTrace(providers.traces, Math.floor(Date.now() / 1000) - 1);
  sendLogs(providers.logs, sent.context, sent.times.event);
  sendMetrics(providers.metrics);
  await stop(providers);
  console.log(JSON.stringify({ ...report(runId, sent, attributes), exports: results }));
  const exported = new Set(results.filter((result) => result.ok).map((result) => result.signal));
  return exported.size === 3 && results.every((result) => result.ok) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
