import type { OperationDeps } from '../deps.ts';
import type { Operations } from '../operation.ts';
import { cancelReplay } from './cancelReplay.ts';
import { createEndpoint } from './createEndpoint.ts';
import { createErasure } from './createErasure.ts';
import { createReplay } from './createReplay.ts';
import { createTeam } from './createTeam.ts';
import { createToken } from './createToken.ts';
import { deleteEndpoint } from './deleteEndpoint.ts';
import { deliverEvent } from './deliverEvent.ts';
import { getCatalog } from './getCatalog.ts';
import { getCurrentTeam } from './getCurrentTeam.ts';
import { getDelivery } from './getDelivery.ts';
import { getEndpoint } from './getEndpoint.ts';
import { getEvent } from './getEvent.ts';
import { getEventType } from './getEventType.ts';
import { getEventTypeSchema } from './getEventTypeSchema.ts';
import { getHealth } from './getHealth.ts';
import { getMetrics } from './getMetrics.ts';
import { getOpenapi } from './getOpenapi.ts';
import { getReady } from './getReady.ts';
import { getReplay } from './getReplay.ts';
import { listAuditLog } from './listAuditLog.ts';
import { listDeliveries } from './listDeliveries.ts';
import { listEndpoints } from './listEndpoints.ts';
import { listEvents } from './listEvents.ts';
import { listEventTypeSamples } from './listEventTypeSamples.ts';
import { listEventTypes } from './listEventTypes.ts';
import { listHooks } from './listHooks.ts';
import { listReplays } from './listReplays.ts';
import { listTokens } from './listTokens.ts';
import { publishEvent } from './publishEvent.ts';
import { publishEvents } from './publishEvents.ts';
import { retryDeliveries } from './retryDeliveries.ts';
import { retryDelivery } from './retryDelivery.ts';
import { revokeToken } from './revokeToken.ts';
import { rotateEndpointSecret } from './rotateEndpointSecret.ts';
import { rotateMasterKey } from './rotateMasterKey.ts';
import { subscribeHook } from './subscribeHook.ts';
import { testEndpoint } from './testEndpoint.ts';
import { unsubscribeHook } from './unsubscribeHook.ts';
import { updateEndpoint } from './updateEndpoint.ts';

/** Every operation of the contract: one that is missing here does not compile. */
export function createOperations(deps: OperationDeps): Operations {
  return {
    cancelReplay: cancelReplay(deps),
    createEndpoint: createEndpoint(deps),
    createErasure: createErasure(deps),
    createReplay: createReplay(deps),
    createTeam: createTeam(deps),
    createToken: createToken(deps),
    deleteEndpoint: deleteEndpoint(deps),
    deliverEvent: deliverEvent(deps),
    getCatalog: getCatalog(deps),
    getCurrentTeam: getCurrentTeam(deps),
    getDelivery: getDelivery(deps),
    getEndpoint: getEndpoint(deps),
    getEvent: getEvent(deps),
    getEventType: getEventType(deps),
    getEventTypeSchema: getEventTypeSchema(deps),
    getHealth: getHealth(deps),
    getMetrics: getMetrics(deps),
    getOpenapi: getOpenapi(deps),
    getReady: getReady(deps),
    getReplay: getReplay(deps),
    listAuditLog: listAuditLog(deps),
    listDeliveries: listDeliveries(deps),
    listEndpoints: listEndpoints(deps),
    listEventTypeSamples: listEventTypeSamples(deps),
    listEventTypes: listEventTypes(deps),
    listEvents: listEvents(deps),
    listHooks: listHooks(deps),
    listReplays: listReplays(deps),
    listTokens: listTokens(deps),
    publishEvent: publishEvent(deps),
    publishEvents: publishEvents(deps),
    retryDeliveries: retryDeliveries(deps),
    retryDelivery: retryDelivery(deps),
    revokeToken: revokeToken(deps),
    rotateEndpointSecret: rotateEndpointSecret(deps),
    rotateMasterKey: rotateMasterKey(deps),
    subscribeHook: subscribeHook(deps),
    testEndpoint: testEndpoint(deps),
    unsubscribeHook: unsubscribeHook(deps),
    updateEndpoint: updateEndpoint(deps),
  };
}
