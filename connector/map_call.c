/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Whose a dialogue is: operations of ours (struct map_call) and of peers (struct map_served) by the handle of
 * their dialogue. An owner that has gone leaves none behind that could call him.
 */

#include "map_stack_int.h"

#include "log.h"

/* ---- operations of ours ---- */

static struct map_call *call_of(struct map_stack *stack, uint64_t handle)
{
	struct map_call *call;

	hash_for_each_possible(stack->calls, call, by_handle, handle)
	{
		if (call->handle == handle)
			return call;
	}
	return NULL;
}

static void call_forget(struct map_call *call)
{
	hash_del(&call->by_handle);
	call->handle = 0;
}

int map_call_invoke(struct map_stack *stack, struct map_call *call,
		    const struct map_request *request)
{
	uint64_t handle;
	int rc;

	if (!map_stack_is_up(stack))
		return -ENOTCONN;
	rc = map_node_invoke(stack->node, request, &handle);
	if (rc < 0)
		return rc;
	call->handle = handle;
	hash_add(stack->calls, &call->by_handle, handle);
	return 0;
}

int map_call_next(struct map_stack *stack, struct map_call *call,
		  const struct map_argument *argument)
{
	int rc;

	if (!call->handle)
		return -ENOENT;
	rc = map_stack_is_up(stack) ? map_node_invoke_next(stack->node, call->handle, argument)
				    : -ENOTCONN;
	if (rc < 0 && rc != -EBUSY)
		map_call_end(stack, call);
	return rc;
}

void map_call_end(struct map_stack *stack, struct map_call *call)
{
	uint64_t handle = call->handle;

	if (!handle)
		return;
	call_forget(call);
	map_node_close(stack->node, handle);
}

void map_call_outcome(void *data, uint64_t handle, const struct map_outcome *outcome)
{
	struct map_stack *stack = data;
	struct map_call *call = call_of(stack, handle);

	if (!call) {
		if (outcome->open)
			map_node_close(stack->node, handle);
		return;
	}
	if (!outcome->open)
		call_forget(call);
	call->outcome(call, outcome);
}

/* ---- operations of peers ---- */

static struct map_served *served_of(struct map_stack *stack, uint64_t handle)
{
	struct map_served *served;

	hash_for_each_possible(stack->served, served, by_handle, handle)
	{
		if (served->handle == handle)
			return served;
	}
	return NULL;
}

void map_served_add(struct map_stack *stack, struct map_served *served, uint64_t handle)
{
	served->handle = handle;
	hash_add(stack->served, &served->by_handle, handle);
}

/* @return the handle that is to be answered, 0 if the dialogue is gone */
static uint64_t served_forget(struct map_served *served)
{
	uint64_t handle = served->handle;

	if (handle)
		hash_del(&served->by_handle);
	served->handle = 0;
	return handle;
}

void map_served_result(struct map_stack *stack, struct map_served *served,
		       const struct map_result *result)
{
	uint64_t handle = served_forget(served);

	if (handle)
		map_stack_result(stack, handle, result);
}

void map_served_error(struct map_stack *stack, struct map_served *served,
		      const struct map_error *error)
{
	uint64_t handle = served_forget(served);

	if (handle)
		map_stack_answer_error(stack, handle, error);
}

void map_served_ended(void *data, uint64_t handle, const struct map_outcome *why)
{
	struct map_stack *stack = data;
	struct map_call *call = call_of(stack, handle);
	struct map_served *served = served_of(stack, handle);

	if (call)
		call_forget(call);
	if (!served)
		return;
	served_forget(served);
	served->ended(served, why);
}

/* ---- answers ---- */

static void answer_lost(uint64_t handle, int rc)
{
	LOGP(DMAP, LOGL_ERROR, "MAP-%llu: the answer did not go out: %s\n",
	     (unsigned long long)handle, strerror(-rc));
}

void map_stack_answer_error(struct map_stack *stack, uint64_t handle, const struct map_error *error)
{
	int rc = map_node_answer_error(stack->node, handle, error);

	if (rc == -EINVAL && error->code != MAP_ERROR_SYSTEM_FAILURE) {
		answer_lost(handle, rc);
		map_stack_error(stack, handle, MAP_ERROR_SYSTEM_FAILURE);
	} else if (rc < 0) {
		answer_lost(handle, rc);
	}
}

void map_stack_error(struct map_stack *stack, uint64_t handle, int32_t code)
{
	struct map_error error = {.code = code};

	map_stack_answer_error(stack, handle, &error);
}

void map_stack_result(struct map_stack *stack, uint64_t handle, const struct map_result *result)
{
	int rc = map_node_answer(stack->node, handle, result);

	if (rc < 0)
		answer_lost(handle, rc);
	if (rc == -EINVAL)
		map_stack_error(stack, handle, MAP_ERROR_SYSTEM_FAILURE);
}
