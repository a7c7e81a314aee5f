# The commands of CONTRIBUTING.md and of deploy/compose/ under the names that users of make know. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help build run test fmt lint dev dev-stop logs docker-build docker-run docker-up docker-down docker-logs

SECRETS := deploy/compose/secrets
COMPOSE := docker compose -f deploy/compose/compose.yaml
DEV := $(COMPOSE) -f deploy/compose/dev.yaml
IMAGE ?= framegate
PORT ?= 8080

help: ## list the targets
	@sed -n 's/^\([a-z -]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

build: ## write production JavaScript to dist/
	npm run build

run: build ## run what build wrote, with the Redis and the PostgreSQL of `make dev` if they run
	@if [ -s $(SECRETS)/dev_database_url ]; then \
		REDIS_HOST=127.0.0.1; REDIS_PASSWORD_FILE=$(SECRETS)/redis_password; DATABASE_URL_FILE=$(SECRETS)/dev_database_url; \
		export REDIS_HOST REDIS_PASSWORD_FILE DATABASE_URL_FILE; \
	fi; \
	exec npx node --max-semi-space-size=8 dist/framegate.js start

test: ## run all tests
	npm test

fmt: ## format, and sort imports
	npx biome check --write

lint: ## run every static check
	npm run check

dev: ## start a Redis and a PostgreSQL in containers, for `make run`
	deploy/compose/make_secrets.sh
	$(DEV) up --detach --wait redis postgres
	@umask 077; sed 's/@postgres:/@127.0.0.1:/' $(SECRETS)/database_url >$(SECRETS)/dev_database_url

dev-stop: ## stop them; what they store stays
	@rm -f $(SECRETS)/dev_database_url
	$(DEV) stop redis postgres

logs docker-logs: ## show the log of the gateway's container, and go on
	$(COMPOSE) logs -f gateway

docker-build: ## build the image
	docker build --build-arg VERSION="$$(node -p 'require("./package.json").version')" \
		--build-arg REVISION="$$(git rev-parse HEAD)" --tag $(IMAGE) .

docker-run: ## run the image, as a trial with a simulated plant
	docker run --rm --read-only --tmpfs /tmp --publish $(PORT):8080 --volume framegate-data:/var/lib/framegate $(IMAGE)

docker-up: ## start the gateway, Redis and PostgreSQL in containers
	deploy/compose/make_secrets.sh
	$(COMPOSE) up --build --detach --wait

docker-down: ## stop and remove the containers; what they store stays
	$(COMPOSE) down
