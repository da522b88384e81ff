# A Cloud Run job that must not run twice at once: the command is its entrypoint, tini its process 1, which passes
# signals on and reaps orphans. What the job does stands in backup.sh beside this file.
#
#     docker build --file cloud-run-job.Dockerfile --tag backup .
FROM node:22-slim
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
RUN npm install --global gcs-mutex
COPY backup.sh /
ENTRYPOINT ["tini", "--", "gcs-mutex", "run", "--no-wait", "-E", "0", "gs://my-bucket/locks/backup", "--"]
CMD ["/backup.sh"]
