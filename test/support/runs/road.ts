import { runCard } from '../../../bot/views/card/run-card.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import * as e from './events.ts';

/** A run along one road, stage by stage, and the card that it has at any of them. */

export const computes = Array.from({ length: 12 }, (_, index) => `cmp${index + 1}`);

export const road = e.plan(
  e.step('stop-nova', { title: 'stop nova', hosts: ['ctl1', 'ctl2'] }),
  e.step('db-sync', { title: 'sync the database', exit: 'oneWay', gate: 2 }),
  e.step('restart', { title: 'restart nova-compute', hosts: computes, batch: 12 }),
);
const hosts = ['ctl1', 'ctl2', ...computes];
export const checked = [e.requested(road), ...hosts.map(e.ready)];
export const approved = [
  ...checked,
  e.approvalRequested('stop-nova'),
  e.approved('stop-nova', road),
];
export const ctl1 = e.work('stop-nova', 'ctl1');
export const ctl2 = e.work('stop-nova', 'ctl2');
export const stopping = [...approved, e.started(ctl1), e.started(ctl2)];
export const stoppedNova = [...stopping, e.succeeded(ctl1), e.succeeded(ctl2)];
export const synced = [
  ...stoppedNova,
  e.approvalRequested('db-sync'),
  e.approved('db-sync', road, 'UBEN'),
  e.approved('db-sync', road, 'UCHIE'),
  e.started(e.work('db-sync')),
  e.succeeded(e.work('db-sync')),
];

export const card = (...events: readonly RunEvent[]) =>
  runCard(fold(e.inOrder(...events)), e.after(120), 'plain');

export const planMark = fold([e.requested(road)]).planHash.slice(0, 6);
