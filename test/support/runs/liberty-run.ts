import { runCard } from '../../../bot/views/card/run-card.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import * as e from './events.ts';

/** A run along one path, stage by stage, and the card that it has at any of them. */

export const twelveComputes = Array.from({ length: 12 }, (_, index) => `cmp${index + 1}`);

export const libertyPlan = e.planOf(
  e.step('stop-nova', { title: 'stop nova', hosts: ['ctl1', 'ctl2'] }),
  e.step('db-sync', { title: 'sync the database', exit: 'oneWay', gate: 2 }),
  e.step('restart', { title: 'restart nova-compute', hosts: twelveComputes, batch: 12 }),
);
const hosts = ['ctl1', 'ctl2', ...twelveComputes];
export const hostsChecked = [e.requested(libertyPlan), ...hosts.map(e.hostReady)];
export const firstGateApproved = [
  ...hostsChecked,
  e.approvalRequested('stop-nova'),
  e.gateApproved('stop-nova', libertyPlan),
];
export const stopOnCtl1 = e.work('stop-nova', 'ctl1');
export const stopOnCtl2 = e.work('stop-nova', 'ctl2');
export const stoppingNova = [...firstGateApproved, e.started(stopOnCtl1), e.started(stopOnCtl2)];
export const stoppedNova = [...stoppingNova, e.succeeded(stopOnCtl1), e.succeeded(stopOnCtl2)];
export const novaSynced = [
  ...stoppedNova,
  e.approvalRequested('db-sync'),
  e.gateApproved('db-sync', libertyPlan, 'UBEN'),
  e.gateApproved('db-sync', libertyPlan, 'UCHIE'),
  e.started(e.work('db-sync')),
  e.succeeded(e.work('db-sync')),
];

export const cardOfEvents = (...events: readonly RunEvent[]) =>
  runCard(fold(e.inOrder(...events)), e.after(120), 'plain');

export const planMark = fold([e.requested(libertyPlan)]).planHash.slice(0, 6);
